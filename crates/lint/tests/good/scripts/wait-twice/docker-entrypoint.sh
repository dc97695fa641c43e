#!/bin/sh
term() {
    kill -TERM "$child" 2>/dev/null
}
trap term TERM INT
java -jar /app.jar &
child=$!
wait "$child"
trap - TERM INT
wait "$child"
status=$?
exit $status
