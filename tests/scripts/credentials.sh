#!/usr/bin/env bash
# Content Credentials as the district's people make them: copies for the demo's exported folder, read back and verified, with the
# program built with the feature `c2pa`. Argument: the folder of the built programs.
set -euo pipefail
bin=$1
. "$(dirname "$0")/lib.sh"

says() { grep -q -- "$1" <<<"$out" || fail "does not say $1: $out"; }
fg() { "$bin/fushan-grid" --data "$work/none" --lang en "$@"; }

if ! command -v openssl >/dev/null; then
    echo "SKIPPED: openssl is not installed" >&2
    exit 0
fi
cat >"$work/c.cnf" <<'CONFIG'
[req]
distinguished_name = d
[d]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = emailProtection
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CONFIG
(
    cd "$work"
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key
    openssl req -x509 -new -key ca.key -subj /O=District/CN=Root -days 30 -config c.cnf -extensions ca -out ca.pem
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out s.key
    openssl req -new -key s.key -subj /O=District/CN=Credentials -config c.cnf -out s.csr
    openssl x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile c.cnf -extensions signer -out s.pem
) 2>/dev/null

expect "the demo keeps its evidence" 0 "$bin/fushan-grid" --json demo --keep "$work/demo"
dir=$work/demo/evidence
photo=$(find "$dir/entries" -name 'photo.jpg' | sort | head -n 1)
before=$(sha256sum <"$photo")
expect "copies need a signer" 3 fg evidence c2pa "$dir"
expect "each photo gets a copy" 0 fg --json evidence c2pa "$dir" --certificates "$work/s.pem" --key "$work/s.key"
says '"refused": *0'
[ "$before" = "$(sha256sum <"$photo")" ] || fail "the original was touched"
copy=${photo%.jpg}.c2pa.jpg
expect "a copy is trusted under the district's root" 0 fg --json evidence c2pa "$copy" --anchors "$work/ca.pem"
says '"state": *"trusted"'
says '"signer": *"Credentials"'
says "$(sha256sum <"${photo%/*}/manifest.json" | cut -c1-64)"
expect "without the root it is whole and nobody vouches" 9 fg evidence c2pa "$copy"
says signingCredential.untrusted
expect "the folder verifies with its copies" 9 fg --json evidence verify "$dir" --c2pa-anchors "$work/ca.pem"
says '"c2pa"'
says '"fail": *0'
lacks "trusted in the folder" c2pa_untrusted
printf '\000' | dd of="$copy" bs=1 seek=$(($(stat -c %s "$copy") - 100)) conv=notrunc status=none
expect "a changed copy does not hold" 8 fg evidence c2pa "$copy" --anchors "$work/ca.pem"
expect "nor in the folder" 8 fg --json evidence verify "$dir" --c2pa-anchors "$work/ca.pem"
says c2pa_invalid
expect "the original has no credentials" 3 fg evidence c2pa "$photo"

summary "credentials"
