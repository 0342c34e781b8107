"""Trains Omikuji on vectors in the format of the XMC repository, predicts, and writes measures as JSON.

Usage: run_omikuji.py FOLDER N_TREES N_THREADS MODEL_FOLDER PREDICTIONS
"""

import json
import os
import resource
import shutil
import sys
import time

import omikuji

# Short test files are predicted several times; as in run-label-tree.ts.
LEAST_PREDICTIONS = 20_000

folder, n_trees, n_threads, model_folder, predictions = sys.argv[1:]


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


# Annif's Bonsai
params = omikuji.Model.default_hyper_param()
params.cluster_balanced = False
params.cluster_k = 100
params.max_depth = 3
params.n_trees = int(n_trees)
started, cpu_before = time.time(), cpu_seconds()
model = omikuji.Model.train_on_data(os.path.join(folder, "train.xmc"), params, int(n_threads))
train_seconds, train_cpu = time.time() - started, cpu_seconds() - cpu_before
peak_rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
shutil.rmtree(model_folder, ignore_errors=True)
model.save(model_folder)
model_bytes = sum(os.path.getsize(os.path.join(model_folder, name)) for name in os.listdir(model_folder))

rows = []
with open(os.path.join(folder, "test.xmc")) as lines:
    next(lines)
    for line in lines:
        pairs = line.rstrip("\n").split(" ")[1:]
        rows.append([(int(f), float(v)) for f, v in (pair.split(":") for pair in pairs if pair)])
model.init_prediction_thread_pool(1)
started, cpu_before = time.time(), cpu_seconds()
n_predicted = 0
while n_predicted < LEAST_PREDICTIONS:
    found = [model.predict(row, beam_size=10, top_k=20) if row else [] for row in rows]
    n_predicted += len(rows)
seconds, cpu = time.time() - started, cpu_seconds() - cpu_before
with open(predictions, "w") as out:
    for row in found:
        out.write(" ".join(str(label) for label, _ in row) + "\n")
print(
    json.dumps(
        {
            "trainSeconds": train_seconds,
            "trainCpuSeconds": train_cpu,
            "peakRssMiB": peak_rss,
            "modelBytes": model_bytes,
            "docsPerSecond": n_predicted / seconds,
            "docsPerCpuSecond": n_predicted / cpu,
        }
    )
)
