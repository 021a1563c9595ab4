# SPDX-License-Identifier: Apache-2.0
"""Writes files as torch.save does, with Python's own pickler and without PyTorch."""
import collections
import io
import json
import pickle
import struct
import sys
import types
import zipfile

MAGIC, VERSION = 0x1950a86a20f9469cfc6c, 1001


class FloatStorage:
    def __init__(self, key, content):
        self.key, self.content = key, content


def _rebuild_tensor_v2():
    """Named in pickles, never called."""


def install():
    """Lets the pickler find the two under PyTorch's names."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    FloatStorage.__module__, _rebuild_tensor_v2.__module__ = "torch", "torch._utils"
    torch.FloatStorage, utils._rebuild_tensor_v2 = FloatStorage, _rebuild_tensor_v2
    torch._utils = utils
    sys.modules.update({"torch": torch, "torch._utils": utils})


class Tensor:
    def __init__(self, key, shape, content):
        self.storage, self.shape = FloatStorage(key, content), shape

    def __reduce__(self):
        strides = [1]
        for size in reversed(self.shape[1:]):
            strides.insert(0, strides[0] * size)
        return _rebuild_tensor_v2, (self.storage, 0, tuple(self.shape),
                                    tuple(strides[:len(self.shape)]), False,
                                    collections.OrderedDict())


class Pickler(pickle.Pickler):
    def __init__(self, file, protocol, legacy):
        super().__init__(file, protocol)
        self.legacy, self.storages = legacy, {}

    def persistent_id(self, obj):
        if not isinstance(obj, FloatStorage):
            return None
        self.storages[obj.key] = obj
        view = (None,) if self.legacy else ()
        return ("storage", FloatStorage, obj.key, "cpu", len(obj.content) // 4, *view)


def pickled(obj, protocol, legacy):
    """The bytes, and the storages they refer to."""
    out = io.BytesIO()
    pickler = Pickler(out, protocol, legacy)
    pickler.dump(obj)
    return out.getvalue(), pickler.storages


def archive(obj, protocol, method=zipfile.ZIP_STORED):
    program, storages = pickled(obj, protocol, legacy=False)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        file.writestr("net/data.pkl", program)
        for key, storage in storages.items():
            file.writestr(f"net/data/{key}", storage.content)
    return out.getvalue()


def legacy_file(obj, protocol):
    program, storages = pickled(obj, protocol, legacy=True)
    parts = [pickle.dumps(part, protocol)
             for part in (MAGIC, VERSION, {"protocol_version": VERSION, "little_endian": True})]
    parts += [program, pickle.dumps(sorted(storages), protocol)]
    for key in sorted(storages):
        content = storages[key].content
        parts += [struct.pack("<q", len(content) // 4), content]
    return b"".join(parts)


def state_dict(path):
    """The float32 tensors of a safetensors file."""
    data = path.read_bytes()
    size, = struct.unpack("<Q", data[:8])
    state = collections.OrderedDict()
    for key, entry in json.loads(data[8:8 + size]).items():
        if key != "__metadata__":
            begin, end = entry["data_offsets"]
            state[key] = Tensor(str(len(state)), entry["shape"],
                                data[8 + size + begin:8 + size + end])
    return state
