#!/bin/sh
# An extension in plain sh: what the machine does, as methods of supervisord's API.
#
#	[rpcinterface:machine]
#	command = /path/to/machine.sh
#
#	$ supervisorctl call machine.load
#
# The daemon writes jsonrpc, id, method and params in this order and without blanks, so sed can read what is asked. With
# arguments to look at, jq is the better tool.

answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$1" "$2"; }
refuse() { printf '{"jsonrpc":"2.0","id":%s,"error":{"code":%s,"message":"%s"}}\n' "$1" "$2" "$3"; }

while IFS= read -r line; do
	set -- $(printf '%s\n' "$line" | sed -n \
		-e 's/^{"jsonrpc":"2.0","id":\([0-9]*\),"method":"initialize".*/\1 initialize/p' \
		-e 's/^{"jsonrpc":"2.0","id":\([0-9]*\),"method":"call","params":{"method":"\([A-Za-z0-9_]*\)".*/\1 call.\2/p')
	case $2 in
	initialize)
		answer "$1" '{"protocol":1,"methods":[
			{"name":"load","help":"Return the load of the last minute.","result":"double","access":"read"},
			{"name":"files","help":"Count the files in the working directory.","result":"int","access":"read"}]}' |
			tr -d '\n\t'
		echo ;;
	call.load)
		if read -r load rest </proc/loadavg; then answer "$1" "$load"; else refuse "$1" 30 "there is no /proc here"; fi ;;
	call.files) answer "$1" "$(ls | wc -l | tr -d ' ')" ;;
	call.*) refuse "$1" -32601 "there is no such method" ;;
	esac
done
