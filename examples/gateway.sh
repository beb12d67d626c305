#!/bin/sh
# The gateway with curl: a row, its label, a prediction that is waited for, and a job.
set -eu
url=${GATEWAY_URL:-http://127.0.0.1:8080}
json='content-type: application/json'
features='{"age":59,"sex":2,"bmi":32.1,"bp":101,"s1":157,"s2":93.2,"s3":38,"s4":4,"s5":4.8598,"s6":87}'

curl -fsS "$url/rows" -H "$json" -d "{\"id\":\"curl-$$\",\"features\":$features}"
echo
curl -fsS "$url/labels" -H "$json" -d "{\"id\":\"curl-$$\",\"y_true\":151}"
echo
curl -fsS "$url/predictions?wait=30" -H "$json" -d "{\"features\":$features}"
echo

# A file as a job. The id is the first thing in the answer.
job=$(printf 'age,sex,bmi,bp,s1,s2,s3,s4,s5,s6,target\n59,2,32.1,101,157,93.2,38,4,4.8598,87,151\n48,1,21.6,87,183,103.2,70,3,3.8918,69,75\n' |
  curl -fsS "$url/jobs?name=curl&target=target" -H 'content-type: text/csv' --data-binary @- | sed 's/^{"id":"\([^"]*\)".*/\1/')
curl -fsS -X POST "$url/jobs/$job/run" -o /dev/null
until curl -fsS "$url/jobs/$job" | grep -Eq '"status":"(succeeded|failed|cancelled)"'; do sleep 0.2; done
curl -fsS "$url/jobs/$job/results"
