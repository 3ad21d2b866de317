# Sourced by the other scripts: makes sure SQLCipher finds a libcrypto to build against.
# Sets FEATURES for cargo. Prefers the system's headers; builds OpenSSL from source when they cannot be had.
# shellcheck shell=bash disable=SC2034
FEATURES=""

have_libcrypto() {
    printf '#include <openssl/evp.h>\nint main(void) { return EVP_MD_CTX_new() == 0; }\n' \
        | cc -x c - -lcrypto -o /dev/null 2>/dev/null
}

if ! command -v cargo >/dev/null; then
    echo "Rust is missing: install it with rustup (https://rustup.rs), then run this again." >&2
    exit 1
fi
if ! command -v cc >/dev/null; then
    echo "A C compiler is missing: apt-get install gcc (or your system's equivalent)." >&2
    exit 1
fi
if ! have_libcrypto && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing libssl-dev, which SQLCipher builds against." >&2
    { apt-get update -qq && apt-get install -y -qq libssl-dev; } >/dev/null 2>&1 || true
fi
if ! have_libcrypto; then
    if command -v perl >/dev/null && command -v make >/dev/null; then
        echo "No libcrypto headers: OpenSSL is built from source, which takes some minutes (faster: install libssl-dev)." >&2
        FEATURES="--features fushan-grid-core/vendored-openssl"
    else
        echo "SQLCipher needs libcrypto: install libssl-dev, or perl and make to build it from source." >&2
        exit 1
    fi
fi
