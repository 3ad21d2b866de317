ok() { echo "OK     $1"; }
no() { echo "FAILED $1"; }
sha() { sha256sum "$1" | cut -c1-64; }
has() { grep -qF "$1" "$2"; }
temp=$(mktemp -d)

echo '== 1 photos: SHA-256 and SM3 stand in the manifest'
for photo in entries/*/photo.*; do
  [ -f "$photo" ] || continue
  digests="\"sha256\":\"$(sha "$photo")\",\"sm3\":\"$(openssl dgst -sm3 -r "$photo" | cut -c1-64)\""
  if has "$digests" "${photo%/*}/manifest.json"; then ok "$photo"; else no "$photo"; fi
done

echo '== 2 signatures: by the key that the manifest names'
for d in entries/*; do
  if openssl dgst -sha256 -verify "$d/device.spki.pem" -signature "$d/manifest.sig" "$d/manifest.json" >"$temp/out" 2>&1
  then ok "$d signature"; else no "$d signature"; fi
  key=$(openssl pkey -pubin -in "$d/device.spki.pem" -outform DER | sha256sum | cut -c1-64)
  if has "\"device_key\":\"sha256:$key\"" "$d/manifest.json"; then ok "$d key"; else no "$d key"; fi
done

echo '== 3 chain: each manifest names the digest of the one before'
before=none
for d in entries/*; do
  if has '"seq":1}' "$d/manifest.json"; then echo "BEGIN  $d"
  elif has "\"prev\":\"sha256:$before\"" "$d/manifest.json"; then ok "$d chain"
  else echo "BREAK  $d: what came before is not in this folder"; fi
  before=$(sha "$d/manifest.json")
done

echo '== 4 log: the leaf names the manifest, hashes up to the signed head'
for d in entries/*; do
  [ -f "$d/leaf.json" ] || { echo "ABSENT $d receipt"; continue; }
  if has "\"entry\":\"sha256:$(sha "$d/manifest.json")\"" "$d/leaf.json"; then ok "$d leaf"; else no "$d leaf"; fi
done
for l in entries/* entries/*/stored; do
  [ -f "$l/leaf.json" ] || continue
  { printf '\000'; cat "$l/leaf.json"; } | openssl dgst -sha256 -binary >"$temp/node"
  for sibling in "$l"/inclusion/*; do
    [ -f "$sibling" ] || continue
    case $sibling in
      *.left) { printf '\001'; cat "$sibling" "$temp/node"; } ;;
      *) { printf '\001'; cat "$temp/node" "$sibling"; } ;;
    esac | openssl dgst -sha256 -binary >"$temp/next"
    mv "$temp/next" "$temp/node"
  done
  if [ "$(openssl base64 -A -in "$temp/node")" = "$(sed -n 3p "$l/checkpoint.txt")" ]; then ok "$l log"; else no "$l log"; fi
  sed '/^$/,$d' "$l/checkpoint.txt" >"$temp/body"
  sed -n 's/^— [^ ]* //p' "$l/checkpoint.txt" | head -n 1 | openssl base64 -d -A | tail -c 64 >"$temp/sig"
  if openssl pkeyutl -verify -pubin -inkey log.pem -rawin -in "$temp/body" -sigfile "$temp/sig" >"$temp/out" 2>&1
  then ok "$l head"; else no "$l head"; fi
done

echo '== 5 time-stamps of the heads'
for d in entries/*; do
  if [ ! -f "$d/checkpoint.tsr" ] || [ ! -f tsa.pem ]; then echo "ABSENT $d time-stamp"; continue; fi
  if openssl ts -verify -in "$d/checkpoint.tsr" -data "$d/checkpoint.txt" -CAfile tsa.pem >"$temp/out" 2>&1
  then ok "$d time-stamp"; else no "$d time-stamp"; fi
done

echo '== 6 copies: each recorded in a signed entry'
for copy in derived/*; do
  [ -f "$copy" ] || continue
  digests="\"sha256\":\"$(sha "$copy")\",\"sm3\":\"$(openssl dgst -sm3 -r "$copy" | cut -c1-64)\""
  if cat entries/*/manifest.json | grep -qF "$digests"; then ok "$copy"; else no "$copy"; fi
done
rm -r "$temp"
