from __future__ import annotations

import json
import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.runs import redact
from memorylab.core.runs.redact import everywhere, secrets
from memorylab.core.runs.secret_names import kind
from memorylab.core.runs.secret_spans import literals

FAKE = "a1B2" * 10


def made(signs: str, length: int, seed: int = 7) -> str:
    """Invented characters; put together here, so that no scanner takes this file for a leak."""
    dice = random.Random(f"{signs}{length}{seed}")
    return "".join(dice.choice(signs) for _ in range(length))


UPPER, LOWER, HEX = string.ascii_uppercase + "234567", string.ascii_lowercase + string.digits, string.digits + "abcdef"
WORD = string.ascii_letters + string.digits
TOKENS = {
    "OpenAI": "sk-" + made(WORD, 20) + "T3Blbk" + "FJ" + made(WORD, 20),
    "OpenAI project": "sk-proj-" + made(WORD + "_-", 90),
    "Anthropic": "sk-ant-" + "api03-" + made(WORD + "_-", 93) + "AA",
    "OpenRouter": "sk-or-" + "v1-" + made(HEX, 64),
    "xAI": "xai-" + made(WORD, 80),
    "Groq": "gsk_" + made(WORD, 52),
    "Perplexity": "pplx-" + made(WORD, 48),
    "Fireworks": "fw_" + made(WORD, 24),
    "Replicate": "r8_" + made(WORD, 37),
    "Together": "tgp_v1_" + made(WORD, 43),
    "NVIDIA": "nvapi-" + made(WORD + "_-", 64),
    "Hugging Face": "hf_" + made(string.ascii_letters, 34),
    "W&B": "wandb_v1_" + made(WORD, 60),
    "Neptune, Comet and JWT": "eyJ" + made(WORD, 60) + ".eyJ" + made(WORD, 80) + "." + made(WORD + "_-", 43),
    "AWS": "AKIA" + made(UPPER, 15) + "2",
    "AWS session": "ASIA" + "7" + made(UPPER, 15),
    "Google API": "AIza" + made(WORD + "_-", 35),
    "Google OAuth": "ya29." + made(WORD + "_-", 80),
    "Google client": "GOCSPX-" + made(WORD + "_-", 28),
    "GitHub": "ghp_" + made(WORD, 36),
    "GitHub server": "ghs_" + made(WORD, 36),
    "GitHub fine-grained": "github_" + "pat_" + made(WORD, 22) + "_" + made(WORD, 59),
    "GitLab": "glpat-" + made(WORD + "_-", 20),
    "GitLab deploy": "gldt-" + made(WORD, 20),
    "GitLab runner": "glrt-" + made(WORD, 20),
    "GitLab trigger": "glptt-" + made(HEX, 40),
    "GitLab job": "glcbt-" + "64_" + made(WORD, 20),
    "npm": "npm_" + made(WORD, 36),
    "PyPI": "pypi-" + "AgEIcHlwaS5vcmc" + made(WORD + "_-", 120),
    "Docker": "dckr_pat_" + made(WORD + "_-", 27),
    "Slack bot": "xoxb-" + made("0123456789", 12) + "-" + made("0123456789", 12) + "-" + made(WORD, 24),
    "Slack app": "xapp-" + "1-" + made(UPPER, 11) + "-" + made("0123456789", 13) + "-" + made(HEX, 64),
    "Slack webhook": "hooks.slack.com/" + "services/T" + made(UPPER, 8) + "/B" + made(UPPER, 8) + "/" + made(WORD, 24),
    "Discord webhook": "discord.com/api/" + "webhooks/" + made("123456789", 18) + "/" + made(WORD + "_-", 68),
    "Discord bot": "MTI" + made(WORD, 21) + "." + made(WORD, 6) + "." + made(WORD, 38),
    "Telegram": ":AA" + made(WORD + "_-", 33),
    "SendGrid": "SG." + made(WORD, 22) + "." + made(WORD, 43),
    "Stripe": "sk_" + "live_" + made(WORD, 24),
    "Stripe restricted": "rk_" + "test_" + made(WORD, 24),
    "Twilio": "SK" + made(HEX, 32),
    "Databricks": "dapi" + made(HEX, 32),
    "DigitalOcean": "dop_v1_" + made(HEX, 64),
    "Vault": "hvs." + made(WORD, 95),
    "Azure client": made(LOWER, 3) + "8Q~" + made(WORD, 34),
    "Notion": "ntn_" + made("0123456789", 11) + made(WORD, 35),
    "Linear": "lin_api_" + made(WORD, 40),
    "Postman": "PMAK-" + made(HEX, 24) + "-" + made(HEX, 34),
    "Grafana": "glsa_" + made(WORD, 32) + "_" + made(HEX, 8),
    "Shopify": "shpat_" + made(HEX, 32),
    "Square": "sq0atp-" + made(WORD, 22),
    "Doppler": "dp.pt." + made(WORD, 43),
    "Fly": "fo1_" + made(WORD, 43),
    "Mailgun": "key-" + made(HEX, 32),
    "Mailchimp": made(HEX, 32) + "-us12",
    "PlanetScale": "pscale_tkn_" + made(WORD, 43),
    "Atlassian": "ATATT3" + made(WORD, 186),
    "Artifactory": "AKCp" + made(WORD, 69),
    "RubyGems": "rubygems_" + made(HEX, 48),
    "Sentry": "sntryu_" + made(HEX, 64),
    "Tailscale": "tskey-" + "auth-" + made(WORD, 12) + "-" + made(WORD, 32),
    "age": "AGE-SECRET-KEY-" + "1" + made(UPPER, 58),
    "password hash": "$6$" + made(WORD, 16) + "$" + made(WORD + "./", 86),
}
"""A credential of each format, invented."""


@pytest.mark.parametrize(
    "around",
    ["{}", "the token {} was used", '{{"x": "{}"}}', "(\\n{})", "a=1&t={}&b=2", "\x1b[1;32m{}\x1b[0m", "x={},y"],
)
@pytest.mark.parametrize("provider", TOKENS)
def test_a_token_is_known_by_its_form_wherever_it_stands(provider: str, around: str) -> None:
    token = TOKENS[provider]
    before = "12345678" if provider == "Telegram" else ""
    kept = secrets(around.format(before + token))
    assert token not in kept
    assert token[len(token) // 2 :] not in kept
    assert "[redacted]" in kept
    assert secrets(kept) == kept


S = made(WORD, 12) + "7"
SPACED = "correct horse " + made(LOWER, 9)
FORMS = [
    f"https://{made(HEX, 40)}@example.org/x.git",
    f"https://:{S}@example.org",
    f"postgres://u:{S}@db:5432/x",
    f"mongodb+srv://u:{S}@h",
    f"redis://:{S}@h:6379/0",
    f"amqp://guest:{S}@h",
    f"jdbc:postgresql://h/db?user=u&password={S}",
    f"jdbc:oracle:thin:me/{S}@h:1521",
    f"machine api.wandb.ai\n  login user\n  password {S}",
    f"machine h login me password {S}",
    f"default login me password {S}",
    f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={made(WORD, 86)}==;EndpointSuffix=y",
    f"?sv=2022&sig={made(WORD, 43)}%3D&se=1",
    f"x-api-key: {S}",
    f"Ocp-Apim-Subscription-Key: {S}",
    f"curl -H 'X-Auth-Token: {S}' h",
    f"curl -u me:{S} https://h",
    f"wget --user=me:{S}",
    f"train.py --password {S} --lr 0.1",
    f"train.py --hf-token={S}",
    f"train.py --api-key '{SPACED}'",
    f"sshpass -p {S} ssh h",
    f"mysql -u root -p{S}",
    f"docker login -u me -p {S} r",
    f"redis-cli -h h -a {S}",
    f"openssl rsa -passin pass:{S}",
    f"wandb login {made(HEX, 40)}",
    f'{{"username":"me","key":"{made(HEX, 32)}"}}',
    f"Cookie: session={S}; theme=dark{S}",
    f"Set-Cookie: id={S}; HttpOnly",
    f"Authorization: Basic {S}==",
    f'"Authorization": "Bearer {S}"',
    f"Authorization: token {S}",
    f"Authorization%3A%20Bearer%20{S}",
    f'\\"password\\": \\"{S}\\"',
    f'\\\\\\"password\\\\\\": \\\\\\"{S}\\\\\\"',
    f"password%3D{S}%26x",
    f"%22api_key%22%3A%22{S}%22",
    f"password: {SPACED}",
    f"  db_password: '{SPACED}'",
    f"password: |\n  {S}",
    f"DB_PASSWORD=a;b&c,{S}",
    f'export SECRET_KEY="{SPACED}"',
    f"HF_TOKEN = '{S}'",
    f'api_token: str = "{S}"',
    f"os.environ['WANDB_API_KEY'] = '{S}'",
    f"os.environ.setdefault('HF_TOKEN', '{S}')",
    f"add_argument('--token', default='{S}')",
    f'clientSecret => "{S}"',
    f"<password>{S}</password>",
    f"set API_TOKEN to {S}",
    f"API_TOKEN from {S}",
    f"API_TOKEN: {S} -> 0",
    f"//registry.example/:_authToken={S}",
    f"PGPASSWORD={S} psql",
    f'password="""{SPACED}"""',
    f"b'x'; secret_key=b'{S}'",
    f"\\npassword={S}",
    f"pwd={S};Server=x",
]


@pytest.mark.parametrize("text", FORMS)
def test_a_secret_without_a_form_of_its_own_is_known_by_what_stands_around_it(text: str) -> None:
    kept = secrets(text)
    for secret in (S, SPACED, SPACED.split()[-1]):
        assert secret not in kept
    assert "[redacted]" in kept
    assert secrets(kept) == kept


@pytest.mark.parametrize("name", ["RSA ", "OPENSSH ", "EC ", "DSA ", "ENCRYPTED ", "", "PGP ", "SSH2 ENCRYPTED "])
def test_private_keys_of_every_kind_go_whole(name: str) -> None:
    kind_of, body = f"{name}PRIVATE " + "KEY", "\n".join(made(WORD + "+/", 64, seed) for seed in range(30))
    block = " BLOCK" if name == "PGP " else ""
    text = f"before\n-----BEGIN {kind_of}{block}-----\nVersion: 1\n\n{body}\n-----END {kind_of}{block}-----\nafter 1.5"
    assert secrets(text) == "before\n[redacted]\nafter 1.5"
    assert secrets(json.dumps({"k": text})) == '{"k": "before\\n[redacted]\\nafter 1.5"}'
    assert body[-20:] not in secrets(text[: text.index("-----END")])
    assert body[:40] not in secrets(text[text.index(body) :])


@pytest.mark.parametrize(
    "line",
    [
        "step 00042 (12.3%) | loss: 3.456789 | tok/sec: 12,345",
        "total_tokens_M:   499.6",
        "token embedding lr 0.6 -> 0.8",
        "see https://example.org/a:b/c",
        "key: value, tokens: 12345678901234",
        "num_tokens=131072000 secret sauce",
        "commit 9e9bd44a0b1c2d3e4f5061728394a5b6c7d8e9f0",
        "token mixing 0.5",
        'pad_token="<pad>" key_dim=128',
        "eos_token: <|endoftext|>",
        "MAX_TOKENS = 65536",
        "tokenizer=cl100k_base, TOKEN_DIM=64",
        "run 20260308T033847Z-bea057b",
        "block #1f0c9a7be2d4c1f3 -> #8a7b6c5d4e3f2a1b",
        "password=os.environ['PW']",
        "api_key=args.api_key",
        "token = get_token(name)",
        "hf_token=hf_token",
        "cls_token=patch_embed_v2",
        "rng_key=jax_key_42ab",
        "PWD=/home/me/research2",
        "risk-adjusted-return-over-20-days",
        "task-0123456789abcdef-next",
        "sk-learn-style-transformer-block",
        "'Password: '",
        "ssh://git@example.org/x",
        "user@example.org",
        "basic transformer block2",
        "cookie-cutter model",
        "bearer of bad news",
        "$HF_TOKEN and ${HF_TOKEN}",
        "HF_TOKEN=$HF_TOKEN",
        "head dim 64 as key, value",
        "n_tokens per step 524288 = 2**19",
        "lr -0.5 => -u 0.3",
    ],
)
def test_what_research_says_stays(line: str) -> None:
    assert secrets(line) == line
    assert everywhere({"description": line, "tags": [line]}) == {"description": line, "tags": [line]}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("API_TOKEN", True),
        ("x-api-key", True),
        ("dbPassword", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("HF_TOKEN_2", True),
        ("KAGGLE_KEY", True),
        ("client_secret", True),
        ("MAX_TOKENS", False),
        ("total_tokens_M", False),
        ("tokenizer", False),
        ("TOKEN_DIM", False),
        ("key", False),
        ("keyboard", False),
        ("pad_token", False),
        ("rng_key", False),
        ("public_key", False),
        ("query_key", False),
        ("n_pass", False),
        ("token_id", False),
        ("password_file", False),
    ],
)
def test_a_name_announces_a_secret_by_its_last_words(name: str, said: bool) -> None:
    assert bool(kind(name)) == said


def test_what_stands_under_a_name_in_json_is_judged_by_the_name() -> None:
    row = {
        "edits": [
            {"target": "API_TOKEN", "from": None, "to": "abc123"},
            {"target": "PAD_TOKEN", "from": "<a1>", "to": "abc123"},
        ],
        "knobs": [{"knob": "MATRIX_LR", "present": "abc123"}, {"name": "DB_PASSWORD", "value": "letters"}],
        "environment": {"HF_TOKEN": "abc123", "MAX_TOKENS": "65536", "LR": 0.5},
        "command": [
            "python",
            "train.py",
            "--password",
            "X",
            "--max-tokens",
            "512",
            "--api-key",
            "ab12",
            f"--t=hf_{FAKE}",
        ],
        "password": ["a1", {"b": "c2"}, 7],
        "key": "night-1",
        f"hf_{FAKE}": 1,
        "kaggle": {"username": "me", "key": "0123456789abcdef" * 2},
        "source": {"extra": {"Authorization": "abc 123"}},
    }
    gone = "[redacted]"
    assert everywhere(row) == {
        "edits": [
            {"target": "API_TOKEN", "from": None, "to": gone},
            {"target": "PAD_TOKEN", "from": "<a1>", "to": "abc123"},
        ],
        "knobs": [{"knob": "MATRIX_LR", "present": "abc123"}, {"name": "DB_PASSWORD", "value": gone}],
        "environment": {"HF_TOKEN": gone, "MAX_TOKENS": "65536", "LR": 0.5},
        "command": ["python", "train.py", "--password", gone, "--max-tokens", "512", "--api-key", gone, f"--t={gone}"],
        "password": [gone, {"b": gone}, 7],
        "key": "night-1",
        gone: 1,
        "kaggle": {"username": "me", "key": gone},
        "source": {"extra": {"Authorization": gone}},
    }
    assert everywhere(everywhere(row)) == everywhere(row)
    assert redact.may_hold(json.dumps(row).encode())


@given(
    st.lists(
        st.sampled_from(
            [*FORMS, *TOKENS.values(), "password=", "token:", '"', "\\", "\n", " ", "://", "x1", "é", "\u0130"]
        ),
        max_size=6,
    ),
    st.sampled_from([" ", "\n", ",", '"', "=", ":", "|", "/"]),
)
def test_taking_out_twice_is_taking_out_once(parts: list[str], between: str) -> None:
    once = secrets(between.join(parts))
    assert secrets(once) == once


@given(
    st.lists(st.sampled_from([*literals(), "=", '"', "'", "\\", "\n", "aB1" * 9, ":", "@", "é"]), max_size=30),
    st.integers(0, 9),
)
def test_the_compiled_search_finds_what_the_plain_one_does(parts: list[str], _: int) -> None:
    from memorylab.core.runs import secret_spans

    text = "".join(parts)
    seen = secret_spans._Seen
    before, seen.characters = seen.characters, 0
    plain_one = secret_spans.spans(text)
    seen.characters = 10**9
    assert secret_spans.spans(text) == plain_one
    seen.characters = before


def test_a_row_is_walked_wherever_a_secret_is_in_it() -> None:
    for token in TOKENS.values():
        assert redact.may_hold(json.dumps({"d": f"12345678{token}" if token[0] == ":" else token}).encode())
    for form in FORMS:
        assert redact.may_hold(json.dumps({"d": form}).encode())
        assert redact.may_hold(json.dumps({"d": form}, ensure_ascii=False).encode())
    assert redact.may_hold(b'{"d": "\\u0068f_x"}')
    assert not redact.may_hold(
        b'{"key": null, "total_tokens_M": 499.6, "description": "raise LR to 0.04 for all tokens"}'
    )


PIECES = [
    "password=",
    "token=",
    "secret: ",
    "://",
    "://a:b@",
    "eyJ",
    "sk-",
    "-----BEGIN PRIVATE " + "KEY-----\n",
    "A\n-----END PRIVATE " + "KEY-----",
    "api_key='",
    "x",
]


@pytest.mark.parametrize("piece", PIECES)
def test_time_grows_with_the_text_and_not_with_its_square(piece: str) -> None:
    """108 kB of `password=` took 16 s; `benchmarks/redaction.py` measures every literal."""
    begun = time.process_time()
    secrets(piece * (1_000_000 // len(piece)))
    assert time.process_time() - begun < 8


def test_a_name_with_a_secret_is_found_again_and_no_other_is() -> None:
    one, other = (redact.name(f"job-hf_{FAKE}{n}") for n in "xy")
    assert one == redact.name(f"job-hf_{FAKE}x") != other
    assert redact.name(one) == one
    assert FAKE not in one
    assert redact.name("night-1/job 7") == "night-1/job 7"


def test_the_end_of_a_text_that_was_cut_anywhere_holds_no_half_token() -> None:
    token, key = TOKENS["Anthropic"], "\n".join([made(WORD, 64)] * 9)
    assert redact.ending(f"{token[9:]} rest\nlast {token}", cut=True) == "last [redacted]"
    assert redact.ending(f"{token[9:]} loss 1.5", cut=True) == "loss 1.5"
    assert redact.ending(f"{key}\nloss 1.5", cut=True) == "loss 1.5"
    assert redact.ending("first\nlast", cut=False) == "first\nlast"


@given(st.integers(1, 400), st.integers(0, 200), st.text("ab \n=", max_size=300))
def test_a_stream_in_pieces_says_what_the_whole_text_says(size: int, before: int, rest: str) -> None:
    text = "x " * before + f"HF_TOKEN={TOKENS['Hugging Face']} " + rest
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert "".join(redact.stream(pieces)) == secrets(text)
