"""Makes every call of annif-client, unchanged, against a server, and checks what comes back.

Usage: annif_client_calls.py URL PROJECT
"""

import io
import sys

import requests
from annif_client import AnnifClient

url, project_id = sys.argv[1:]
client = AnnifClient(api_base=url)
TEXT = "The keeper of the lighthouse, 100 % R&D; bats & forests – “ähem”"


def check(name, condition, got):
    if not condition:
        sys.exit(f"{name}: unexpected answer {got!r}")
    print("ok", name)


info = client.api_info
check("api_info", {"title", "version"} <= set(info), info)
check("projects", project_id in [p["project_id"] for p in client.projects], client.projects)
project = client.get_project(project_id)
check("get_project", project["project_id"] == project_id, project)

results = client.suggest(project_id, TEXT, limit=5, threshold=0.001)
check("suggest", 0 < len(results) <= 5 and {"uri", "label", "notation", "score"} <= set(results[0]), results)
check("suggest of a file", client.suggest(project_id, io.StringIO(TEXT), limit=5, threshold=0.001) == results, None)
check("analyze", client.analyze(project_id, TEXT, limit=5, threshold=0.001) == results, None)

batch = client.suggest_batch(project_id, [{"text": TEXT, "document_id": "a"}, {"text": ""}], limit=5, threshold=0.001)
check("suggest_batch", batch[0]["results"] == results and [d["document_id"] for d in batch] == ["a", None], batch)

languages = client.detect_language("The keeper of the lighthouse and the bats", ["en", "fi"])
check("detect_language", languages["results"][0]["language"] == "en", languages)

try:
    client.learn(project_id, [{"text": TEXT, "subjects": [{"uri": results[0]["uri"]}]}])
    print("ok learn")
except requests.HTTPError as error:
    check("learn, where it is not allowed", error.response.status_code == 403, error)

for call in (client.get_project, lambda name: client.suggest(name, TEXT)):
    try:
        call("no-such-project")
        sys.exit("a project that is not there was found")
    except ValueError as error:
        check("a project that is not there", "no-such-project" in str(error), error)
