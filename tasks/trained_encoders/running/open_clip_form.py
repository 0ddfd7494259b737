"""CLIP as open_clip saves it, turned into the same model of transformers.

reads   a folder as open_clip publishes a model (`push_to_hf_hub`, `save_for_hf`): open_clip_config.json,
        open_clip_model.safetensors and the tokenizer's files
        Of open_clip's many models those that transformers' `CLIPModel` is too: a vision transformer whose
        class token is taken, and a causal text transformer whose last word is. WeightsError for all others.
open_clip itself is not used: it needs torchvision, which has to be built for the very torch at hand.
Its tensors are named in its `model.py` and `transformer.py` (3.3); which is which in transformers says its
`convert_clip_original_pytorch_to_hf.py`. Unlike by open_clip, texts are not mended first (by ftfy, of HTML).
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from tasks.core.errors import WeightsError
from tasks.core.weights import Weights, refuse_unsafe, require_one
from tasks.trained_encoders.running.pretrained import load_reported, naming, told_of

SETTINGS, TENSORS = "open_clip_config.json", "open_clip_model.safetensors"
_LAST_WORD = 2  # transformers' sign that a text ends where the word of the highest number is
_RESAMPLED = {"bilinear": 2, "bicubic": 3}  # Pillow's numbers

_READ = {
    "model_cfg": {"embed_dim", "quick_gelu", "custom_text", "init_logit_scale", "vision_cfg", "text_cfg"},
    "vision_cfg": {"layers", "width", "head_width", "mlp_ratio", "patch_size", "image_size", "patch_dropout"},
    "text_cfg": {"layers", "width", "heads", "mlp_ratio", "context_length", "vocab_size", "pad_id", "eos_id"},
    "preprocess_cfg": {"mean", "std", "interpolation", "size"},
}
# What else may be written is either this or nothing; anything else is another model.
_USUAL = {"pool_type": ("tok", "argmax"), "pos_embed_type": "learnable", "proj_type": "linear"}
_USUAL |= {"resize_mode": "shortest", "mode": "RGB"}

_NAMES = (
    (r"^text\.", ""),  # before its tensors where `custom_text` is true
    (r"^visual\.transformer\.resblocks\.", "vision_model.encoder.layers."),
    (r"^transformer\.resblocks\.", "text_model.encoder.layers."),
    (r"^token_embedding\.", "text_model.embeddings.token_embedding."),
    (r"^positional_embedding$", "text_model.embeddings.position_embedding.weight"),
    (r"^ln_final\.", "text_model.final_layer_norm."),
    (r"^text_projection$", "text_projection.weight"),
    (r"^visual\.class_embedding$", "vision_model.embeddings.class_embedding"),
    (r"^visual\.positional_embedding$", "vision_model.embeddings.position_embedding.weight"),
    (r"^visual\.conv1\.", "vision_model.embeddings.patch_embedding."),
    (r"^visual\.ln_pre\.", "vision_model.pre_layrnorm."),
    (r"^visual\.ln_post\.", "vision_model.post_layernorm."),
    (r"^visual\.proj$", "visual_projection.weight"),
    (r"\.ln_([12])\.", r".layer_norm\1."),
    (r"\.mlp\.c_fc\.", ".mlp.fc1."),
    (r"\.mlp\.c_proj\.", ".mlp.fc2."),
    (r"\.attn\.", ".self_attn."),
)


def is_open_clip(weights: Weights) -> bool:
    """Whether the folder has open_clip's tensors and none of transformers'."""
    path = weights.path
    return (path / TENSORS).is_file() and not any(path.glob("model*.safetensors"))


def load_open_clip(weights: Weights, device: str) -> tuple[Any, Any]:
    """The model of transformers, ready on the device, and the preparation of pictures for it."""
    from safetensors.torch import load_file
    from transformers import CLIPModel
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    require_one(weights, SETTINGS)
    refuse_unsafe(weights)
    settings = _read_settings(weights)
    with told_of(weights):
        given = {
            "config": _to_config(settings["model_cfg"]),
            "state_dict": _to_transformers(load_file(weights.path / TENSORS)),
        }
        preparation = CLIPImageProcessorPil(**_to_preparation(settings))
    model, missing = load_reported(CLIPModel, weights, weights.path, given)
    if missing:
        raise WeightsError(weights.path, f"no whole CLIP: it lacks {naming(missing)}")
    return model.eval().to(device), preparation


def _read_settings(weights: Weights) -> dict[str, Any]:
    with told_of(weights):
        settings: dict[str, Any] = json.loads((weights.path / SETTINGS).read_text("utf-8"))
        model = settings["model_cfg"]
        parts = {
            "model_cfg": model,
            "vision_cfg": model["vision_cfg"],
            "text_cfg": model["text_cfg"],
            "preprocess_cfg": settings.setdefault("preprocess_cfg", {}),
        }
        others = [
            f"{key}: {value}"
            for part, written in parts.items()
            for key, value in written.items()
            if key not in _READ[part] and value and value not in _USUAL.get(key, ())
        ]
    if others:
        raise WeightsError(
            weights.path / SETTINGS,
            f"another kind of CLIP than is read from open_clip's files, by {others};"
            " ViT-B-32, ViT-L-14 or ViT-H-14 would do",
        )
    return settings


def _to_config(model: Mapping[str, Any]) -> Any:
    from transformers import CLIPConfig

    vision, text = model["vision_cfg"], model["text_cfg"]
    activation = {"hidden_act": "quick_gelu" if model.get("quick_gelu") else "gelu"}
    return CLIPConfig(
        projection_dim=model["embed_dim"],
        vision_config={
            **_to_tower(vision, vision["width"] // vision.get("head_width", 64)),
            **activation,
            "image_size": vision["image_size"],
            "patch_size": vision["patch_size"],
        },
        text_config={
            **_to_tower(text, text["heads"]),
            **activation,
            "vocab_size": text["vocab_size"],
            "max_position_embeddings": text["context_length"],
            "eos_token_id": _LAST_WORD,
        },
    )


def _to_tower(tower: Mapping[str, Any], heads: int) -> dict[str, int]:
    return {
        "hidden_size": tower["width"],
        "intermediate_size": int(tower["width"] * tower.get("mlp_ratio", 4)),
        "num_hidden_layers": tower["layers"],
        "num_attention_heads": heads,
    }


def _to_preparation(settings: Mapping[str, Any]) -> dict[str, Any]:
    """How pictures are prepared; what is not written is as transformers and open_clip have it anyway."""
    side, written = settings["model_cfg"]["vision_cfg"]["image_size"], settings["preprocess_cfg"]
    prepared = {"size": {"shortest_edge": side}, "crop_size": {"height": side, "width": side}}
    prepared |= {f"image_{key}": written[key] for key in ("mean", "std") if key in written}
    return prepared | {"resample": _RESAMPLED[written.get("interpolation", "bicubic")]}


def _to_transformers(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """The tensors by transformers' names: attention's three in one apart, projections on their other side."""
    found: dict[str, Any] = {}
    for name, tensor in tensors.items():
        for pattern, replacement in _NAMES:
            name = re.sub(pattern, replacement, name)
        if stem := re.fullmatch(r"(.*\.self_attn\.)in_proj_(weight|bias)", name):
            for part, piece in zip("qkv", tensor.chunk(3), strict=True):
                found[f"{stem[1]}{part}_proj.{stem[2]}"] = piece
        elif name in ("text_projection.weight", "visual_projection.weight"):
            found[name] = tensor.T.contiguous()
        else:
            found[name] = tensor
    return found
