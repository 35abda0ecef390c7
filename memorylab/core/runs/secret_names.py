"""Whether a name announces a secret ("API_TOKEN", "db.password", "x-api-key"), and whether a value can be one.

Research is full of tokens, keys and secrets that are none: `pad_token`, `MAX_TOKENS`, `token mixing`, `key_dim`.
So a name counts by its last word, a token or key by the word before it too, and the less a name says the more like
a random string its value has to look.
"""

from __future__ import annotations

import re
from functools import lru_cache

PASSWORD, STRONG, WEAK = "password", "strong", "weak"
"""How much a name says: any value is a secret, or one that is no code, or one that looks random."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PASSWORDS = _set("password passwd passwort passphrase passcode pwd")
_SECRETS = _set("secret secrets credential credentials")
_LOGINS = _set(
    "db smtp ftp sftp mysql pg postgres redis mongo admin root user login ldap imap mail sudo ssh vnc wifi keystore"
)
_OF_KEYS = _set(
    "api access secret private account auth encryption decryption signing subscription shared storage license webhook "
    "service master deploy ssh gpg pgp ssl tls hmac jwt session aws azure gcp google gemini openai anthropic claude "
    "mistral groq cohere together fireworks openrouter perplexity deepseek replicate xai wandb comet neptune kaggle "
    "hf huggingface stripe sendgrid twilio mailgun datadog slack discord github gitlab heroku algolia pinecone ingest "
    "integration write admin fernet app client"
)
_OF_TOKENS = _set(
    "api access auth oauth bearer refresh id session bot hf hub huggingface github gh gitlab gl wandb slack discord "
    "telegram npm pypi deploy personal service security csrf xsrf jwt secret user login admin app client aws azure "
    "gcp google openai anthropic replicate groq databricks vault docker pat neptune comet kaggle modal runpod"
)
_NO_SECRET_TOKENS = _set(
    "pad eos bos unk mask sep cls special stop end start next first last per n num max min mean image img text "
    "register prefix suffix query class new prev previous current cur input output target source src tgt blank space "
    "newline begin final each every one single this that a the by of to byte char word sub subword visual vision "
    "audio video patch action state latent memory sink meta null dummy padding eot bom sot fim think thinking reward "
    "label draft spec drop mix pool pooled pooling cross multi smear shift head tail bigram trigram ngram value key q "
    "k v rope pos position time unique loss total train val test seq sequence attn attention embed embedding vocab "
    "rare common frequent ignore pass doc document count layer expert router gate random same other any some no extra "
    "bonus learnable learned cached role system tool default chunk window step batch context speaker lang language "
    "separator delimiter boundary cancellation"
)
_SUFFIXES = _set("prod dev test staging live old new value val str string text raw plain b64 base64 base env var")
_PLACEHOLDER = (
    r"(?i)\[redacted|(?-i:\$[A-Z_][A-Z0-9_]*)$|\$\{.*\}$|\$\(.*\)$|\{.*\}$|<.*>$|\[.*\]$|%\(?\w*\)?s?$|[*.•_-]+$|x{3,}$|"
    r"(?:none|null|nil|true|false|undefined|unset|empty|required|optional|str|string|bytes|int|text|yes|no|n/a|hidden)$"
)
_CODE = r"[(\[]|[A-Za-z_][\w.]*[(\[]|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$"
_NUMBER = r"[-+~<>=]?[\d.,_]+(?:e[-+]?\d+)?[A-Za-z%/]{0,5}$"


@lru_cache(maxsize=4096)
def kind(name: str) -> str:
    """What the name says of its value: `PASSWORD`, `STRONG`, `WEAK`, or "" where it announces no secret.

    >>> kind("HF_TOKEN"), kind("x-api-key"), kind("dbPassword"), kind("pad_token"), kind("MAX_TOKENS"), kind("key")
    ('strong', 'strong', 'password', '', '', '')
    """
    if len(name) > 200:
        return ""
    words = _words(name)
    while len(words) > 1 and (words[-1] in _SUFFIXES or words[-1].isdigit()):
        words.pop()
    if not words:
        return ""
    last, before = words[-1], frozenset(words[:-1])
    if last in _PASSWORDS or last.endswith(("password", "passwd", "mysqlpwd")) or (last == "pass" and before & _LOGINS):
        return PASSWORD
    if last in _SECRETS:
        return STRONG if before else WEAK
    if last in ("authorization", "cookie", "cookies"):
        return STRONG
    if last == "token" or last.endswith(("apitoken", "accesstoken", "authtoken")):
        return _token(words)
    if last == "key":
        return STRONG if before & _OF_KEYS and not before & {"public", "pub"} else ""
    return STRONG if last.endswith(("apikey", "accesskey", "secretkey", "privatekey", "accountkey", "authkey")) else ""


def _token(words: list[str]) -> str:
    if len(words) == 1:
        return WEAK if words[0] == "token" else STRONG
    if words[-2] in _OF_TOKENS:
        return STRONG
    return "" if words[-2] in _NO_SECRET_TOKENS or words[-2].isdigit() else WEAK


def _words(name: str) -> list[str]:
    """The words of an identifier in small letters, whichever way they are joined."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return [word for word in re.split(r"[^A-Za-z0-9]+", parted.lower()) if word]


def is_secret(said: str, value: str, *, quoted: bool) -> bool:
    """Whether a value under a name of this kind is taken out; `quoted` where its ends are known, as in JSON."""
    value = value.strip() if quoted else value.strip(" \t,")
    if not value or re.match(_PLACEHOLDER, value):
        return False
    if said == PASSWORD:
        return quoted or (len(value) >= 4 and not re.match(_CODE, value))
    mixed = is_mixed(value)
    if re.match(_NUMBER, value) or (not quoted and re.match(_CODE, value)):
        return False
    if said == STRONG:
        return len(value) >= 4 if quoted else len(value) >= (6 if mixed else 12)
    return mixed and len(value) >= (6 if quoted else 8) and not re.search(r"[\s<>|()]", value)


def is_mixed(value: str) -> bool:
    """Whether it has digits and letters both, as random strings do."""
    start = value[:200]
    return bool(re.search("[0-9]", start) and re.search("[A-Za-z]", start))
