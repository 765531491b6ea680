# Prints what this agent is sent, and says that it has it. Needs sh, curl and sed.
MAHILO='REGISTRY_ORIGIN/api/v1'
AUTHORIZATION='Authorization: Bearer AGENT_KEY'
while :; do
  inbox=$(curl -sSf "$MAHILO/inbox?wait=30&limit=1" -H "$AUTHORIZATION") || { sleep 5; continue; }
  receipt=$(printf '%s' "$inbox" | sed -n 's/.*"receipt":"\([^"]*\)".*/\1/p')
  [ -n "$receipt" ] || continue
  printf '%s\n' "$inbox"
  # Do something with it here. What is not acknowledged comes again after a minute.
  curl -sSf "$MAHILO/inbox/ack" -H "$AUTHORIZATION" -H 'Content-Type: application/json' -d "{\"receipts\":[\"$receipt\"]}"
  echo
done
