# SPDX-License-Identifier: Apache-2.0
"""Reads the weights of a PyTorch checkpoint without PyTorch, in the form of files before 1.6.

Such a file is five pickles, one after another: a magic number, the version of the form, the sizes
of types, the object, and the keys of its storages; then the storages in the order of these keys,
each its number of elements in 8 bytes and the elements. A pickle may call anything that can be
imported: here only what the weights of a network need is found, and all else is refused.
"""
import collections
import pickle
import struct

import numpy as np

MAGIC, FORM = 0x1950a86a20f9469cfc6c, 1001
STORAGES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}

Storage = collections.namedtuple("Storage", "key type elements")
Tensor = collections.namedtuple("Tensor", "storage offset shape strides")


def _tensor(storage, offset, shape, strides, *_):
    return Tensor(storage, offset, shape, strides)


class _Object(pickle.Unpickler):
    ALLOWED = {("collections", "OrderedDict"): collections.OrderedDict,
               ("torch._utils", "_rebuild_tensor_v2"): _tensor,
               **{("torch", name): dtype for name, dtype in STORAGES.items()}}

    def find_class(self, module, name):
        try:
            return self.ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"the checkpoint asks for {module}.{name}") from None

    def persistent_load(self, pid):
        kind, dtype, key, _, elements, view = pid
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError(f"the checkpoint refers to {pid}")
        return Storage(key, dtype, elements)


class _Plain(_Object):
    ALLOWED = {}


def _storage(stream, storage):
    (elements,) = struct.unpack("<q", stream.read(8))
    if elements != storage.elements:
        raise ValueError(f"storage {storage.key} has {elements} elements, not {storage.elements}")
    return np.frombuffer(stream.read(elements * storage.type.itemsize), storage.type, elements)


def _array(tensor, values):
    """A copy in the usual order: those of checkpoints that came from TensorFlow are transposed."""
    last = tensor.offset + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.strides))
    numbers = (tensor.offset, *tensor.strides, *(n - 1 for n in tensor.shape))
    if min(numbers) < 0 or last >= values.size:
        raise ValueError(f"{tensor} leaves its storage")
    strides = [step * values.itemsize for step in tensor.strides]
    return np.lib.stride_tricks.as_strided(values[tensor.offset:], tensor.shape, strides).copy()


def load(stream):
    """The arrays of a state dict by name, in the order of the file."""
    if _Plain(stream).load() != MAGIC or _Plain(stream).load() != FORM:
        raise ValueError("not a checkpoint in the form of PyTorch before 1.6")
    if not _Plain(stream).load()["little_endian"]:
        raise ValueError("the checkpoint is of a big-endian machine")
    tensors = _Object(stream).load()
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    values = {key: _storage(stream, storages[key]) for key in _Plain(stream).load()}
    return {name: _array(tensor, values[tensor.storage.key]) for name, tensor in tensors.items()}
