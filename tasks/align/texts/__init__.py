"""A transcript without times beside cues that have them: the words that both say give the times."""
