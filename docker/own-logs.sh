#!/bin/sh
# own-logs.sh <uid>: lets the services, which run as <uid>, write to the host's ./logs, whoever that belongs to. What
# belongs to <uid> is left as it is. Anything else is given to <uid> and stays with its group, which gets the same rights,
# also on what is written later: so the folder's owner on the host can still change and delete all of it.
set -eu
uid=$1

find logs -type d ! -user "$uid" -exec chmod g+rwxs {} +
find logs ! -type l ! -user "$uid" -exec chmod g+rw {} + -exec chown "$uid" {} +
