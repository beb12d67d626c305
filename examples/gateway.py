"""The gateway from Python, with nothing but its standard library: a prediction, its label, and the error that follows."""

import json
import os
import time
import urllib.request

URL = os.environ.get("GATEWAY_URL", "http://127.0.0.1:8080")
FEATURES = {"age": 59, "sex": 2, "bmi": 32.1, "bp": 101, "s1": 157, "s2": 93.2, "s3": 38, "s4": 4, "s5": 4.8598, "s6": 87}


def ask(path, body=None):
    """Sends JSON, or reads where there is none to send; a refusal is an urllib.error.HTTPError whose body says why."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


# When the row happened, in ms since 1970; left out, it happens now.
prediction = ask("/predictions?wait=30", {"features": FEATURES, "event_time": int(time.time() * 1000) - 60_000})
print(f"{prediction['id']} {prediction['status']}: y_pred {prediction['y_pred']} of {prediction['model']}")

ask("/labels", {"id": prediction["id"], "y_true": 151})
while "absolute_error" not in prediction:
    time.sleep(0.1)
    prediction = ask(f"/predictions/{prediction['id']}")
print(f"y_true {prediction['y_true']}: absolute error {prediction['absolute_error']}")
