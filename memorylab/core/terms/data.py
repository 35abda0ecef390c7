"""Data, tokenizers and the order in which documents come."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
VOCAB_SIZE: vocab, vocabulary, vocabulary size, vocabulary piece, bpe size, tokenizer size
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
bos packing: bos aligned packing, bos aligned, bos aligned row, packing, best fit packing, row start at bos,
    document packing, row starting at bos, bos aligned data loader
curriculum by length: sort by length, length curriculum, short document first
shuffle: shuffling, shuffled
shard: data shard
dedup: deduplicate, deduplication, exact duplicate doc, duplicate doc, duplicate document, repeated document
byte fallback: byte fallback
digit splitting: split digit, single digit, split digit singly, digit token, digit one by one, one token per digit,
    number split into digit, individual digit
data filter: filter doc, quality filter, filter document, filter out document
"""
