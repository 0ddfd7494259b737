"""What an encoder is: media bytes of one modality in, float32 vectors of a fixed width out.

Encoders are pure and stateless: a vector depends on its own item alone, so a batch never changes another's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tasks.core.vectors import Frames, Matrix
from tasks.core.weights import Weights


@dataclass(frozen=True)
class Encoder:
    """A plug-in of `tasks/encoders`. `encode` gives float32 (items, dimensions), one finite row per payload.

    `frames`, where there is one, gives the sequence within one item: float32 (frames, frame_dimensions).
    Encoders that name the same `space`, such as the two of one CLIP model, give vectors that can be compared
    across their modalities; its name tells the weights apart too. None: comparable within the modality alone.
    `one_process`: a single device does the work, and further processes would only hold the weights again.
    """

    name: str
    modality: str
    dimensions: int
    encode: Callable[[Sequence[bytes]], Matrix]
    frames: Callable[[bytes], Frames] | None = None
    frame_dimensions: int = 0
    space: str | None = None
    one_process: bool = False


@dataclass(frozen=True)
class TrainedEncoder:
    """A plug-in of `tasks/trained_encoders`: an encoder for each of its modalities, with weights.

    `load` loads them in this process, so that what is wrong with them is told before anything is encoded; the
    `encode` that it gives can be sent to other processes, which load them when they first encode.
    """

    name: str
    modalities: tuple[str, ...]
    load: Callable[[Weights, str], Encoder]
