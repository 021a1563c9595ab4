#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of checkpoint_fuzz. Usage: make_checkpoint_fuzz_corpus.py [FOLDER]

Small checkpoints in the forms that torch.save and safetensors write, made with the standard library
alone: pickles opcode by opcode, since the functions they name are PyTorch's.
"""
import io
import json
import struct
import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "tests/data/fuzz/checkpoint"
CONTENT = struct.pack("<4f", 1, 2, 3, 4)
MAGIC = bytes.fromhex("8a0a6cfc9c46f9206aa85019")


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def function(module, name):
    return f"c{module}\n{name}\n".encode()


def integers(*values):
    return b"(" + b"".join(b"K" + bytes([value]) for value in values) + b"t"


def dictionary(items, start=b"}"):
    return start + b"(" + b"".join(text(key) + value for key, value in items.items()) + b"u"


ORDERED = function("collections", "OrderedDict") + b")R"


def tensor(sizes, strides, view=b"", kind="FloatStorage"):
    storage = b"(" + text("storage") + function("torch", kind) + text("0") + text("cpu") + b"K\4"
    return (function("torch._utils", "_rebuild_tensor_v2") + b"(" + storage + view + b"tQK\0" +
            integers(*sizes) + integers(*strides) + b"\x89" + ORDERED + b"tR")


def state(view=b""):
    return dictionary({"a.weight": tensor([2, 2], [2, 1], view),
                       "a.bias": tensor([2], [2], view)}, ORDERED)


def module(view=b""):
    attributes = {"_parameters": dictionary({"weight": tensor([4], [1], view)}, ORDERED),
                  "_buffers": ORDERED, "_modules": ORDERED}
    return dictionary({"net": function("torch.nn.modules.linear", "Linear") + b")\x81" +
                       dictionary(attributes) + b"b", "epoch": b"K\7"})


def whole(program):
    return b"\x80\2" + program + b"."


def archive(program, method):
    """A zip archive; its date is fixed, so that the same bytes come out."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, content in (("data.pkl", whole(program)), ("byteorder", b"little"),
                              ("data/0", CONTENT)):
            file.writestr(zipfile.ZipInfo(f"net/{name}"), content, method)
    return out.getvalue()


def legacy(program):
    return (whole(MAGIC) + whole(b"M\xe9\3") + whole(dictionary({"little_endian": b"\x88"})) +
            whole(program) + whole(b"](" + text("0") + b"e") + struct.pack("<q", 4) + CONTENT)


def safetensors():
    header = json.dumps({"__metadata__": {"format": "pt"},
                         "a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]},
                         "b": {"dtype": "BOOL", "shape": [2, 2], "data_offsets": [12, 16]}})
    return struct.pack("<Q", len(header)) + header.encode() + CONTENT


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    files = {"archive_state": archive(state(), zipfile.ZIP_STORED),
             "archive_deflated": archive(state(), zipfile.ZIP_DEFLATED),
             "archive_module": archive(module(), zipfile.ZIP_STORED),
             "legacy_state": legacy(state(b"N")), "legacy_module": legacy(module(b"N")),
             "legacy_view": legacy(state(b"(" + text("v") + b"K\0K\4t")),
             "pickle_call": whole(function("os", "system") + b"(" + text("id") + b"tR"),
             "pickle_in_itself": legacy(b"}q\0(" + text("a") + b"h\0u"),
             "safetensors": safetensors()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
