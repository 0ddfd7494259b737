"""Pictures by what is seen in them: VGG16 (Simonyan and Zisserman 2015), as Keras runs it on torch.

reads   an encoded image of any format that Pillow knows, upright, over white where it is see-through; the
        whole of it at 224 x 224 pixels
weights one file with the weights of Keras's VGG16, with or without its classifier: .weights.h5 or .keras
        (Keras 3), or .h5 (the ones that keras.applications names). Of a .keras file the weights alone are
        read: what else is in it describes a model, and could build another one.
writes  512 float32 of unit length: the means over the last convolution's channels
"""

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from tasks.core.encoder import Encoder, TrainedEncoder
from tasks.core.errors import WeightsError
from tasks.core.rgb_pictures import read_upright
from tasks.core.vectors import Matrix
from tasks.core.weights import Weights
from tasks.trained_encoders.running.device import pick_device, run_in_batches
from tasks.trained_encoders.running.libraries import imported_for
from tasks.trained_encoders.running.pretrained import told_of
from tasks.trained_encoders.running.trial import tried

_SIDE = 224
_DIMENSIONS = 512
_ENDINGS = (".weights.h5", ".h5", ".keras")


@dataclass(frozen=True)
class _Vgg16:
    model: Any
    device: str


def load(weights: Weights, modality: str) -> Encoder:
    """The encoder of pictures."""
    vgg16 = _vgg16(weights)
    encode = partial(_encode_pictures, weights)
    encoder = Encoder("vgg16", modality, _DIMENSIONS, encode, one_process=vgg16.device != "cpu")
    return tried(encoder, weights)


def _encode_pictures(weights: Weights, payloads: Sequence[bytes]) -> Matrix:
    vgg16 = _vgg16(weights)

    def prepare(payload: bytes) -> Matrix:
        from keras.applications.vgg16 import preprocess_input

        pixels = np.asarray(read_upright(payload).resize((_SIDE, _SIDE)), np.float32)
        prepared: Matrix = preprocess_input(pixels, data_format="channels_last")
        return prepared

    def run(pictures: list[Matrix]) -> Any:
        import keras

        with keras.device(vgg16.device):
            return vgg16.model(np.stack(pictures), training=False)

    return run_in_batches(map(prepare, payloads), run, vgg16.device, _DIMENSIONS)


@lru_cache(maxsize=2)
def _vgg16(weights: Weights) -> _Vgg16:
    os.environ["KERAS_BACKEND"] = "torch"  # Keras knows no other way, and would ask for TensorFlow
    with imported_for("vgg16", "keras"):
        import h5py  # noqa: F401  (Keras misses it, and torch, only when it reads and runs)
        import keras
        import torch  # noqa: F401  (as above)
    if not weights.path.is_file() or not weights.path.name.endswith(_ENDINGS):
        raise WeightsError(weights.path, f"expected one file that ends in one of {list(_ENDINGS)}")
    # Else what ~/.keras/keras.json says on this machine would count.
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    device = pick_device()
    with keras.device(device):
        model = keras.applications.VGG16(
            weights=None, include_top=False, pooling="avg", input_shape=(_SIDE, _SIDE, 3)
        )
        _fill(model, weights)
    return _Vgg16(model, device)


def _fill(model: Any, weights: Weights) -> None:
    """The file's weights into the model; WeightsError where it lacks any, which Keras passes over."""
    for variable in model.weights:
        variable.assign(np.full(variable.shape, np.nan, np.float32))
    # Files of before Keras 3 are matched by the layers' names, so that those of a classifier do no harm.
    earlier = not weights.path.name.endswith((".weights.h5", ".keras"))
    with told_of(weights), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # on what it passes over: see below
        model.load_weights(weights.path, **({"by_name": True} if earlier else {}))
    empty = [variable.path for variable in model.weights if variable.value.isnan().any()]
    if empty:
        raise WeightsError(weights.path, f"no VGG16 of Keras: it lacks the weights of {empty}")


ENCODER = TrainedEncoder("vgg16", ("image",), load)
