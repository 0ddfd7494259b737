"""Asking: what a person should look at, as projects of Label Studio. Not a stage: nothing is built from it.

reads   items, labels, consensus, relabel of one batch
writes  <folder>/<project>/tasks.json and config.xml (`python -m tasks.asking <batch> <folder>`)

One project for each modality that is asked about, and one for its free questions (vqa), as a labelling
config shows every control for every task. A task names its item exactly (`modalweave_item`, which the
importer trusts before anything else), and what each control asks (`modalweave_asked`: task and question by
control), so that the answers come back as labels of the same task and question. Its prediction is what is
known so far: the consensus, or the labels of the only annotator. Same tables, same bytes.

`python -m flows.label_studio` brings the projects to a server and the answers back.
"""
