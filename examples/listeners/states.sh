#!/bin/sh
# Writes one line for every change of state of a program:
#
#   [eventlistener:states]
#   command=/bin/sh /path/to/states.sh /var/log/states.txt
#   events=PROCESS_STATE
#   event_length=bytes
#
# event_length=bytes makes len: what dd counts. Only READY and RESULT may go to standard output.
while printf 'READY\n' && read -r header; do
    name=${header#*eventname:} name=${name%% *}
    payload=$(dd bs=1 count="${header##*len:}" 2>/dev/null)
    program=${payload#processname:}
    echo "${program%% *} $name" >>"$1"
    printf 'RESULT 2\nOK'
done
