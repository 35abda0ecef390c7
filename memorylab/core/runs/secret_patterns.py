"""What credentials look like, as data: formats by their prefix, forms by their context, and names that announce one.

Prefixes and lengths of most formats are taken from gitleaks (config/gitleaks.toml at commit 009e025ad410, MIT,
copyright 2019 Zachary Rice) and detect-secrets 1.5.0 (plugins/, Apache License 2.0, copyright Yelp); the rest is common
knowledge. Many are shorter here than there: a redactor would rather take a little too much than leave half a token.

Each pattern begins behind a literal that is looked for first, and is bounded or can't fail once it has read far, so
that no text costs more than its length. `benchmarks/redaction.py` measures that.
"""

from __future__ import annotations

_DIGIT = r"(?=[A-Za-z_-]{0,60}[0-9])"
"""A digit among the first characters: `sk-` begins words as well ("sk-learn-style")."""
_LONG = r"[A-Za-z0-9_-]"
_HEX = r"[A-Fa-f0-9]"

TOKENS: tuple[tuple[str, str, str], ...] = (
    ("OpenAI, Anthropic, OpenRouter, DeepSeek, Langfuse", "sk-", rf"{_DIGIT}{_LONG}{{16,}}"),
    ("Stripe and Clerk", "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_ whsec_", r"[A-Za-z0-9+/=]{10,}"),
    ("Hugging Face", "hf_", r"[A-Za-z0-9]{16,}"),
    ("Hugging Face organization", "api_org_", r"[A-Za-z0-9]{20,}"),
    ("GitHub", "ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z0-9_]{20,}"),
    ("GitHub fine-grained", "github_pat_", r"\w{20,}"),
    (
        "GitLab",
        "glpat- gldt- glft- glffct- glsoat- glrt- glrtr- glimt- glptt- glagent- gloas- glcbt- glwt- GR1348941",
        r"[\w-]{16,}(?:\.[\w.-]{2,})?",
    ),
    ("AWS access key id", "AKIA ASIA ABIA ACCA A3T", r"(?=[A-Z]{0,15}[0-9])[A-Z0-9]{13,17}(?![A-Za-z0-9])"),
    ("AWS Bedrock", "ABSK", r"[A-Za-z0-9+/]{60,}={0,2}"),
    ("Google API key", "AIza", r"[\w-]{30,}"),
    ("Google OAuth", "ya29. 1//0", r"[\w.-]{20,}"),
    ("Google client secret", "GOCSPX-", r"[\w-]{20,}"),
    ("Slack", "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxd- xoxc- xoxe.xoxb- xoxe.xoxp-", r"[\w%.-]{10,}"),
    ("Slack app", "xapp- xwfp-", r"[\w-]{10,}"),
    ("Slack webhook", "hooks.slack.com/", r"(?:services|workflows|triggers)/[A-Za-z0-9+/]{20,}"),
    ("Discord webhook", "discord.com/api/webhooks/ discordapp.com/api/webhooks/", r"[0-9]{5,25}/[\w-]{20,}"),
    ("Discord bot", "MD MT Mj Mz ND NT Nj Nz OD OT Oj Oz", r"[AEIMQUYcgk][\w-]{20,27}\.[\w-]{6}\.[\w-]{27,}"),
    ("Telegram bot", ":AA", r"[\w-]{32,}"),
    ("Teams webhook", ".webhook.office.com/webhookb2/", r"[\w@/-]{36,}"),
    ("npm", "npm_", r"[A-Za-z0-9]{30,}"),
    ("PyPI", "pypi-", rf"{_DIGIT}[\w-]{{30,}}"),
    ("JSON Web Token, Neptune, Grafana and other base64 JSON", "eyJ", r"[\w+/-]{14,}={0,2}(?:\.[\w+/-]{2,}={0,2})*"),
    ("SendGrid", "SG.", r"[\w-]{16,}\.[\w-]{16,}"),
    ("Brevo", "xkeysib- xsmtpsib-", r"[A-Za-z0-9-]{40,}"),
    ("Mailgun", "key-", rf"{_HEX}{{32}}"),
    ("Mailchimp", "-us", r"(?<=[0-9a-f]{32}-us)[0-9]{1,2}"),
    ("Twilio", "SK AC", r"[0-9a-f]{32}(?![A-Za-z0-9])"),
    ("Replicate", "r8_", r"[A-Za-z0-9]{30,}"),
    ("Groq", "gsk_", r"[A-Za-z0-9]{30,}"),
    ("xAI", "xai-", rf"{_DIGIT}[A-Za-z0-9]{{30,}}"),
    ("Perplexity", "pplx-", rf"{_DIGIT}[A-Za-z0-9]{{30,}}"),
    ("Fireworks", "fw_", r"[A-Za-z0-9]{22,}"),
    ("Together", "tgp_v1_", r"[\w-]{30,}"),
    ("Cerebras", "csk-", rf"{_DIGIT}[A-Za-z0-9]{{30,}}"),
    ("NVIDIA", "nvapi-", r"[\w-]{30,}"),
    ("Modal", "ak- as-", r"(?=[A-Za-z]{0,21}[0-9])[A-Za-z0-9]{22}(?![A-Za-z0-9])"),
    ("Weights & Biases", "wandb_v1_", r"\w{20,}"),
    ("LangSmith", "lsv2_pt_ lsv2_sk_", r"\w{20,}"),
    ("Pinecone", "pcsk_", r"\w{30,}"),
    ("Tavily", "tvly-", rf"{_DIGIT}[\w-]{{20,}}"),
    ("Voyage", "pa-", r"[A-Za-z0-9][\w-]{42,}"),
    ("RunPod", "rpa_", r"[A-Za-z0-9]{30,}"),
    ("Databricks", "dapi", r"[a-f0-9]{32}"),
    ("Databricks OAuth", "dose", r"[a-f0-9]{32}"),
    ("DigitalOcean", "dop_v1_ doo_v1_ dor_v1_", r"[a-f0-9]{40,}"),
    ("Docker Hub", "dckr_pat_ dckr_oat_", r"[\w-]{20,}"),
    ("HashiCorp Vault", "hvs. hvb. hvr.", r"[\w-]{24,}"),
    ("HashiCorp Terraform", ".atlasv1.", r"[\w=-]{40,}"),
    ("Azure client secret", "Q~", r"(?<=[\w.~]{3}[0-9]Q~)[\w.~-]{30,}"),
    ("Artifactory", "AKCp cmVmd", r"[A-Za-z0-9]{50,}"),
    ("Atlassian", "ATATT3 ATCTT3 ATBB", r"[\w=-]{20,}"),
    ("Linear", "lin_api_ lin_oauth_", r"[A-Za-z0-9]{30,}"),
    ("Notion", "ntn_ secret_", r"(?=[A-Za-z]{0,40}[0-9])[A-Za-z0-9]{40,}"),
    ("Postman", "PMAK-", r"[A-Fa-f0-9-]{40,}"),
    ("New Relic", "NRAK- NRJS- NRII-", r"[\w-]{16,}"),
    ("Datadog", "ddapp_ ddapi_", r"[A-Za-z0-9]{30,}"),
    ("Sentry", "sntrys_ sntryu_", r"[\w+/=-]{40,}"),
    ("Grafana", "glc_ glsa_", r"[\w+/=]{32,}"),
    ("PlanetScale", "pscale_tkn_ pscale_oauth_ pscale_pw_", r"[\w=.-]{30,}"),
    ("Supabase", "sbp_ sb_secret_", r"[\w-]{30,}"),
    ("Prefect", "pnu_ pnb_", r"[A-Za-z0-9]{30,}"),
    ("Pulumi", "pul-", r"[a-f0-9]{40}"),
    ("RubyGems", "rubygems_", r"[a-f0-9]{40,}"),
    ("crates.io", "cio", r"[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    ("Clojars", "CLOJARS_", r"[a-z0-9]{50,}"),
    ("Shopify", "shpat_ shpca_ shppa_ shpss_", rf"{_HEX}{{32}}"),
    ("Square", "sq0atp- sq0csp- EAAA", r"(?=[A-Za-z_-]{0,50}[0-9])[\w-]{22,}"),
    ("Facebook", "EAAM EAAC", r"[A-Za-z0-9]{80,}"),
    ("Doppler", "dp.pt. dp.st. dp.ct. dp.sa.", r"[\w.-]{30,}"),
    ("Duffel", "duffel_test_ duffel_live_", r"[\w=-]{30,}"),
    ("Dynatrace", "dt0c01.", r"[A-Za-z0-9.]{40,}"),
    ("EasyPost", "EZAK EZTK", r"[A-Za-z0-9]{50,}"),
    ("Frame.io", "fio-u-", r"[\w=-]{40,}"),
    ("Fly.io", "fo1_ fm1a_ fm1r_ fm2_ FlyV1", r"[\w+/= -]{40,}"),
    ("Heroku", "HRKU-", r"[\w-]{30,}"),
    ("Infracost", "ico-", r"[A-Za-z0-9]{32}"),
    ("OpenShift", "sha256~", r"[\w-]{40,}"),
    ("ReadMe", "rdme_", r"[a-z0-9]{60,}"),
    ("Scalingo", "tk-us-", r"[\w-]{40,}"),
    ("Shippo", "shippo_live_ shippo_test_", rf"{_HEX}{{40}}"),
    ("Typeform", "tfp_", r"[\w.=-]{40,}"),
    ("Figma", "figd_ figu_", r"[\w-]{30,}"),
    ("Airtable", "pat", r"[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    ("1Password", "ops_", r"eyJ[A-Za-z0-9+/=]{40,}"),
    ("1Password secret key", "A3-", r"[A-Z0-9]{6}(?:-[A-Z0-9]{5,11}){4,5}"),
    ("age", "AGE-SECRET-KEY-", r"(?:PQ-)?1[A-Z0-9]{20,}"),
    ("Tailscale", "tskey-", r"[\w-]{20,}"),
    ("Sourcegraph", "sgp_ sgd_", r"\w{40,}"),
    ("Contentful", "CFPAT-", r"[\w-]{40,}"),
    ("Flutterwave", "FLWSECK", r"[\w-]{12,}"),
    ("Yandex", "AQVN", r"[\w-]{35,}"),
    ("crypt(3) hash", "$2a$ $2b$ $2y$ $5$ $6$ $1$ $apr1$ $argon2id$ $argon2i$ $y$", r"[A-Za-z0-9./$,=+]{22,}"),
)
"""Provider, prefixes as they are written, and what follows one. A prefix doesn't stand inside a word."""

INSIDE = (
    ":AA",
    "-us",
    "Q~",
    ".atlasv1.",
    "hooks.slack.com/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    ".webhook.office.com/webhookb2/",
)
"""The prefixes that do: of these formats the beginning is no secret, or is told by what stands before."""

_QUOTE = r"(?:\\{0,4}[\"'`]|%2[27]|&quot;)"
_IS = rf"{_QUOTE}?\]?[ \t]{{0,9}}(?:=>|:=|[:=,]|%3[AaDd])[ \t]{{0,9}}[bruf]{{0,2}}{_QUOTE}?(?:%20)?"
_WORD = r"[^\s\"'`\\]"

CONTEXTS: tuple[tuple[str, str, str], ...] = (
    ("address with a password", "://", r"[^\s/:@\"'<>\\]{0,200}:(?P<s>[^\s/\"'<>\\\[\]]{1,500})@(?=[\w\[%$])"),
    (
        "address with a token",
        "://",
        r"(?P<s>(?=[^\s/@]{0,60}[0-9])[\w.~%+=-]{16,500}|[\w.~%+=-]{32,500})(?::x-oauth-basic|:)?@(?=[\w\[])",
    ),
    ("address with a token as its user", "://", r"(?P<s>[\w.~%+=-]{8,500}):(?:x-oauth-basic)?@(?=[\w\[])"),
    ("encoded address", "%3a%2f%2f", r"[^\s%]{0,100}%3[Aa](?P<s>(?:[^\s%]|%(?!40)){1,120}+)%40"),
    ("Oracle JDBC", "jdbc:oracle:thin:", r"[^\s/@]{1,100}/(?P<s>[^\s@]{1,200})@"),
    (
        "authorization header",
        "authorization",
        rf"{_IS}(?:(?:[Bb]earer|[Bb]asic|[Tt]oken|[Dd]igest|[Nn]egotiate|[Aa]pi-?[Kk]ey|[Kk]ey|AWS4-HMAC-SHA256|GoogleLogin)"
        rf"(?:\s{{1,4}}|%20)(?P<s>[^\n\"'`\\]{{4,}})|(?P<t>(?=[^\s]{{0,60}}[0-9]){_WORD}{{12,}}))",
    ),
    ("bearer", "bearer", r"(?:\s{1,4}|%20)(?P<s>(?=[A-Za-z_.~+/-]{0,60}[0-9])[\w.~+/=-]{8,}|[\w.~+/=-]{30,})"),
    ("basic", "basic ", r"(?P<s>(?=[A-Za-z+/]{0,30}[0-9=])(?=[a-z0-9+/]{0,30}[A-Z])[A-Za-z0-9+/]{10,}={0,2})(?![\w-])"),
    (
        "cookie",
        "cookie",
        rf"{_QUOTE}?\]?[ \t]{{0,9}}(?::[ \t]{{0,9}}{_QUOTE}?|=[ \t]?{_QUOTE}|%3[Aa](?:%20)?)"
        rf"(?P<s>[\w.%-]{{1,64}}=[^\n\"'`\\]{{4,}})",
    ),
    (
        "netrc",
        "machine ",
        r"\s{0,9}[^\s]{1,200}\s{1,9}(?:(?:login|account)\s{1,9}[^\s]{1,200}\s{1,9}){0,2}"
        r"password\s{1,9}(?P<s>[^\s]{1,500})",
    ),
    ("netrc default", "default login ", r"[^\s]{1,200}\s{1,9}password\s{1,9}(?P<s>[^\s]{1,500})"),
    ("signed address", "sig=", r"(?P<s>[\w%+/=-]{20,})"),
    ("signed address", "signature=", r"(?P<s>[\w%+/=-]{20,})"),
    ("Weights & Biases login", "wandb login ", r"(?:--?[\w=-]{1,30} ){0,4}(?P<s>[\w-]{20,})"),
    ("Kaggle", "username", rf"{_IS}[\w.-]{{1,80}}{_QUOTE}\s{{0,9}},\s{{0,9}}{_QUOTE}key{_IS}(?P<s>[0-9a-f]{{32}})"),
    ("npm", "_auth", rf"(?<![A-Za-z0-9]_auth){_IS}(?P<s>[A-Za-z0-9+/=]{{8,}})"),
    ("curl", " -u", r"(?:ser)?[ =]?[\"']?(?P<s>[A-Za-z_.@-][^\s:\"'/]{0,100}:[^\s\"']{3,200})"),
    ("curl", "--user", r"[ =]?[\"']?(?P<s>[A-Za-z_.@-][^\s:\"'/]{0,100}:[^\s\"']{3,200})"),
    ("sshpass", "sshpass -p", r"[ ]?[\"']?(?P<s>[^\s\"']{1,200})"),
    ("mysql", "mysql", r"(?:dump|admin|import)?(?:\s{1,4}(?!-p)[^\s]{1,60}){0,8}\s{1,4}-p(?P<s>[^\s\"']{1,200})"),
    (
        "docker login",
        "docker login",
        r"(?:\s{1,4}(?!-p\s)[^\s]{1,80}){0,6}\s{1,4}-p\s{1,4}[\"']?(?P<s>[^\s\"']{1,300})",
    ),
    ("redis", "redis-cli", r"(?:\s{1,4}(?!-a\s)[^\s]{1,80}){0,6}\s{1,4}-a\s{1,4}[\"']?(?P<s>[^\s\"']{1,200})"),
    ("OpenSSL", "-pass", r"(?:in|out)?[ =]{1,4}pass:(?P<s>[^\s\"']{1,200})"),
    (
        "PuTTY",
        "putty-user-key-file-",
        r"(?P<s>[^\0]{0,200}\n(?:[\w-]{1,20}: [^\n]{0,200}\n|[A-Za-z0-9+/=]{1,90}\r?\n?){1,400})",
    ),
    ("Firefox or GitLab session", "_session=", r"(?P<s>(?=[\w%+/.-]{0,60}[0-9])[\w%+/=.-]{20,})"),
)
"""Form, the literal that it begins with in small letters, and what follows; group `s`, or `t`, is what is taken out."""

NAMED = ("pass", "pwd", "secret", "token", "credential", "key")
"""Where one of these stands at a name's end, what it is set to is looked at; see `memorylab.core.runs.secret_names`."""
