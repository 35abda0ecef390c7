"""Data, tokenizers and the order in which documents come."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
VOCAB_SIZE: vocab, vocabulary, (vocab|vocabulary|tokenizer|bpe|sentencepiece|token vocabulary|wordpiece|dictionary|
    tokeniser) (size|piece|entry|vocab|vocab size|vocabulary size|dim|count|width|vocabulary), (size|number) of
    (vocab|vocabulary|tokenizer vocabulary|bpe vocabulary), number of (bpe merge|merge|token type|vocabulary entry),
    n vocab, bpe merge, vocab (of|k), merges, token in vocabulary, nvocab
NUM_SHARDS: (number of|num|n) (shard|data shard|training shard|train shard), shard count, training shard
NUM_WORKERS: (data loader|dataloader|loader|data) worker, num (worker|workers|proc), number of (worker|loader
    worker), worker process
PREFETCH_FACTOR: prefetch (factor|depth|count|size|queue|queue size), num prefetch batch
MASK_RATIO: (mask|masking|masked) (ratio|probability|fraction|rate|prob), mlm probability, fraction of token masked
CHUNK_SIZE: (text|document|retrieval) chunk (size|length)
DOC_LENGTH: (min|minimum|max|maximum) (document|doc) length, document length (filter|limit|cap)
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
bos packing: packing, bos aligned data loader, (bos|document|doc|best fit|first fit|sequence|greedy) (aligned|
    packing|packed|alignment|pack|aligned packing|aligned loader|aligned row|aligned batch|aligned loading|bin
    packing), (row|sequence|batch|each row|every row|every sequence|each sequence|batch row|training row) (start|
    starts|starting|begin|begins|beginning|aligned|align) (at|with|on|to) (bos|document start|document boundary|new
    document|start of document|beginning of document|document beginning|bos token), (align|start|aligning) (row|
    sequence|batch|each row|every row|sequence start|each sequence|every sequence) (to|at|with|on) (bos|document
    start|document boundary|start of document|new document), pack document, bin pack document, packed sequence, pack
    sequence
curriculum by length: length curriculum, (sort|order|group|bucket|sorting|bucketing|ordering|grouping) (document|doc|
    sequence|data|sample|example|batch|by) (by length|by size|length|by document length), (short|shortest|long|
    longest|easy|easiest) (document|doc|example|sequence|sample) first, length (bucketing|sorted|bucket|grouped|based
    ordering), (document|data) (sorted|ordered) by (length|difficulty|loss|size)
shuffle: shuffling, shuffled, (shuffle|shuffling|shuffled) (data|document|shard|training data|order|row|batch|
    example|dataset|training shard), (random|randomized|permuted|randomised) (order|data order|permutation|shard
    order|document order|order of document), (permute|randomize|randomise) (data|document|shard|order|training data|
    data order), data order, order of (data|shard|document|training data)
shard: (data|training|train|parquet|dataset) (shard|file|shards), shard (order|file|subset|selection|choice)
dedup: deduplication, exact duplicate doc, (dedup|deduplicate|deduplicating|deduplicated|remove duplicate|drop
    duplicate|filter duplicate|removing duplicate) (data|document|doc|training data|row|text|from data|corpus|sample|
    line|), (near|exact|fuzzy|minhash) (duplicate|dedup|deduplication|duplicate removal), minhash, (duplicate|
    duplicated|repeated) (doc|document|text|row|sample|line|example|content), duplicate removal
byte fallback: byte (level fallback|fallback token), fall back to byte, bytes for unknown character
digit splitting: digit token, digit one by one, number split into digit, (split|splitting|separate|break|tokenize|
    tokenise|isolate|cut) (digit|number|every digit|each digit|number digit|numeral|all digit) (individually|into
    digit|into single digit|singly|apart|one by one|separately|into individual digit|digit by digit|as single token|
    ), (single|individual|one|separate|1) (digit|digit token|digit tokenization|token per digit|digit number|token
    for each digit), (digit|number) (split|splits|tokenization|splitting|pretokenization|grouping|chunking|level
    token|tokenized singly|separately), each digit (own token|token|as token|separate token), digit group
data filter: filter out document, (quality|perplexity|heuristic|language|length|toxicity|data|document|content|
    classifier|loss based|model based) (filter|filtering|filtered data|filtered|based filtering|classifier filter),
    (filter|filtering|drop|discard|remove|exclude|throw away|prune) (low quality|short|noisy|bad|boilerplate|garbage|
    long|very short|very long|tiny|html) (document|doc|data|text|sample|page|row|example), (filter|filtering|
    filtered) (data|document|doc|training data|corpus|dataset|text|sample|row|page), keep only (high quality|long|
    good|english|clean) (document|text|data|doc|page), data (cleaning|curation|selection|pruning|quality), clean
    data, (better|cleaner|higher quality) (data|training data)
byte level bpe: (byte level|byte) (bpe|tokenizer|vocabulary|token|tokens|encoding), raw bytes as token, tokenize
    byte, character level (model|tokenizer|), char level
bpe: bpe (tokenizer|encoding|), byte pair encoding, byte pair
bpe dropout: bpe dropout
sentencepiece: sentence piece
unigram tokenizer: unigram (lm tokenizer|language model tokenizer)
wordpiece: word piece
superbpe: super bpe
new tokenizer: (train|retrain|different|custom) tokenizer
pretokenizer regex: (pre tokenizer|pretokenizer|pre tokenization|pretokenization|split|tokenizer) (regex|pattern|
    split pattern|rule)
data mix: (data|dataset|domain|corpus|source|training) (mix|mixture|mixing|mixture weight|weighting|blend|
    composition|ratio|proportion|mix ratio|sampling weight), (mix|blend|add|adding|upsample|oversample) in (code|
    math|wikipedia|other dataset|synthetic data), (upsample|oversample|upweight) (high quality|code|math|wiki|
    wikipedia|domain), multi dataset
synthetic data: synthetic (data|text|document|example|dataset|sample), generated (training|) data, pseudo (label|
    labeled|labels|labelling|labeling), self training, generated example
normalization of text: (lowercase|lower case|unicode normalization|nfkc|normalize text|normalise text|text
    normalization|strip whitespace|case folding), lowercasing
fim: fill in middle
bos token: (bos|beginning of sequence|start of document|document start|begin token) (token|prefix|marker), (prepend|
    add|insert|drop|remove|prepending) bos, eos token, separator token
"""
