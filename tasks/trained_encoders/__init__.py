"""Encoders that know meaning, by weights on this machine: media bytes in, float32 vectors of unit length out.

On the CPU a vector depends on its own item alone, to the last bit, for any number of workers; each worker
holds the weights once. On a GPU, which is used where there is one, items are encoded in batches of a fixed
size in one process. Between kinds of processors, and versions of the libraries, the last bits may differ.
"""

from tasks.core.encoder import TrainedEncoder
from tasks.core.registry import Registry
from tasks.trained_encoders import clap, clip, sentence_transformers, vgg16

TRAINED_ENCODERS: Registry[TrainedEncoder] = Registry(
    "trained encoder",
    {
        "clap": clap.ENCODER,
        "clip": clip.ENCODER,
        "sentence_transformers": sentence_transformers.ENCODER,
        "vgg16": vgg16.ENCODER,
    },
)
