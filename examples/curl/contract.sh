#!/bin/sh
# Starts a gateway, makes a shop, calls an API, reads the journal: with curl alone.
set -eu

PORT=${PORT:-8080} CONTROL_PORT=${CONTROL_PORT:-8081} TOKEN=${TOKEN:-secret}
CONTROL=http://127.0.0.1:$CONTROL_PORT/_gateway
API=http://127.0.0.1:$PORT/stores/test-1/v3/customers/addresses

control() { # METHOD PATH [BODY]
    curl -sS --fail-with-body --noproxy '*' -X "$1" "$CONTROL$2" \
        -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
        ${3:+--data "$3"}
}

address-gateway serve --control --control-token "$TOKEN" \
    --port "$PORT" --control-port "$CONTROL_PORT" > /dev/null &
trap 'kill $!' EXIT
for url in "$CONTROL/openapi.json" "http://127.0.0.1:$PORT/"; do
    curl -sS -o /dev/null --noproxy '*' --retry 100 --retry-delay 1 \
        --retry-connrefused "$url" 2> /dev/null
done

# A shop with a customer, and a key of our choice.
control POST /shops '{"hash": "test-1", "seed": {
    "customers": [{"first_name": "Ada", "last_name": "Lovelace"}],
    "keys": [{"dialect": "bigcommerce", "scope": "modify", "token": "my-token"}]}}' \
    > /dev/null

# The client that is tested.
curl -sS --noproxy '*' "$API" -H 'X-Auth-Token: my-token' \
    -H 'Content-Type: application/json' --data '[{"customer_id": 1,
    "first_name": "Ada", "last_name": "Lovelace", "address1": "12 Analytical Row",
    "city": "Akron", "state_or_province": "Ohio", "postal_code": "44301",
    "country_code": "US", "phone": "212 555 0100"}]'
echo

# What it did: {"holds": true, ...}
control POST /shops/test-1/journal/assert \
    '{"operation": "bigcommerce.create", "times": 1, "status": 200}'
echo
control DELETE /shops/test-1
