"""The stages of the pipeline, one module or package each, on a small core. Nothing here imports Prefect.

collect -> label -> encode -> align -> validate -> fuse -> export -> evaluate -> report
"""
