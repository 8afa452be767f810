"""Products as people name them: alone, with a role, decorated; and everyday words that are no products."""

from __future__ import annotations

import pytest

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait

TABLE = load_technologies()

PRODUCTS = {
    "external_entity payment": "Stripe, Paddle, Lemon Squeezy, Mollie, Chargebee, Adyen, Mastercard",
    "external_entity email": "Postmark, Klaviyo, SendGrid, Mailgun, Customer.io, Microsoft 365",
    "external_entity sms": "Twilio, Vonage, Infobip, Sinch, RingCentral",
    "external_entity identity_provider": "Okta, Auth0, WorkOS, Stytch, BankID, Login.gov, Entra ID",
    "external_entity llm": "OpenAI, GPT-4o, Claude, DeepSeek, Perplexity, Groq, Claude Code",
    "external_entity ml_model": "Deepgram, ElevenLabs, AssemblyAI, DeepL, Clarifai",
    "external_entity monitoring": "Datadog, New Relic, Honeycomb, Better Stack, CrowdStrike Falcon, Wiz",
    "external_entity analytics": "Mixpanel, Amplitude, PostHog, Google Tag Manager, Hotjar, Criteo",
    "external_entity file_storage": "Dropbox, Google Drive, OneDrive, SharePoint",
    "external_entity object_storage": "Cloudinary, Imgix, Uploadcare",
    "external_entity third_party": (
        "Zoom, Calendly, HubSpot, Zendesk, Notion, Google Sheets, NetSuite, DocuSign, Contentful, FedEx,"
        " Mapbox, OneSignal, Jumio, MaxMind, Telegram, GitHub, App Store Connect, Alchemy API, Inngest"
    ),
    "process serverless": "AWS Lambda, Cloudflare Workers, Vercel Functions, Knative",
    "process kubernetes": "EKS, AKS, GKE, OpenShift, K3s, OKE",
    "process container": "Cloud Run, Fly.io, ECS Fargate, Podman, Nomad cluster",
    "process web_frontend": "Next.js, Astro, SvelteKit, Vercel, Firebase Hosting",
    "process service": "NestJS, Laravel, FastAPI, Ktor, Elixir, IBM z/OS, ThingsBoard, SpiceDB",
    "process gateway": "Kong, APISIX, Apigee, LiteLLM, FortiGate, LoRaWAN gateway",
    "process reverse_proxy": "NGINX, Envoy, PgBouncer, cloudflared, Cloud SQL Proxy",
    "process cdn": "CloudFront, Fastly, Bunny.net",
    "process identity_provider": "Keycloak, Amazon Cognito, Authelia, Supabase Auth, Zitadel",
    "process workflow": "Temporal, Camunda, n8n, Airflow, Prefect Cloud, Step Functions",
    "process worker": "Sidekiq, BullMQ, Celery, Hangfire",
    "process ci_cd": "Jenkins, Argo CD, GH Actions, GitHub Actions runner, Pulumi, Spacelift",
    "process admin_console": "Kafka UI, Redis Commander, Kubernetes Dashboard, Adminer, Retool, Django admin",
    "process llm": "vLLM, Ollama, LangGraph, CrewAI, Mixtral",
    "process agent_tool": "MCP server, GitHub MCP server, E2B, Browserbase",
    "data_store database": "Neon, Cloudflare D1, Cloudflare KV, PlanetScale, Turso, SAP HANA, QuestDB",
    "data_store cache": "Valkey, Upstash Redis, Dragonfly, ElastiCache",
    "data_store object_storage": "Cloudflare R2, R2 bucket, MinIO, Vercel Blob, Firebase Storage",
    "data_store vector_store": "Pinecone, Turbopuffer, ChromaDB, pgvector, Cloudflare Vectorize",
    "data_store search_index": "Elastic Cloud, Typesense, Vespa, Quickwit",
    "data_store data_warehouse": "Snowflake, Apache Iceberg, Delta Lake, Apache Doris",
    "data_store queue": "Cloudflare Queues, SQS, LavinMQ, IBM MQ, Apache Kafka",
    "data_store secrets_manager": "Doppler, Azure Key Vault, HashiCorp Vault, CyberArk Conjur",
    "data_store registry": "Amazon ECR, Nexus, Azure Artifacts, Verdaccio",
    "data_store backup": "Veeam, Velero, S3 Glacier, Azure Recovery Services vault",
}
"""The kind and one trait, with the names that must have both."""


@pytest.mark.parametrize("name", [(k, n.strip()) for k, names in PRODUCTS.items() for n in names.split(",")])
def test_products_are_what_they_are(name: tuple[str, str]) -> None:
    """A product's bare name gives its kind and the trait that threats ask for."""
    kind, trait = name[0].split()
    read = TABLE.read(name[1])
    assert read.kind is not None
    assert read.kind.value == kind
    assert Trait(trait) in {t for found in read.technologies for t in found.traits}


DECORATED = {
    "prod-postgres-01": "data_store postgresql",
    "S3: invoices": "data_store aws-s3",
    "s3://raw-events": "data_store aws-s3",
    "gs://invoices": "data_store gcp-cloud-storage",
    "Users DB (Aurora MySQL)": "data_store aws-aurora",
    "Edge DB (Cloudflare D1)": "data_store cloudflare-d1",
    "Orders (Neon)": "data_store neon",
    "prod-neon-02 (Postgres)": "data_store neon",
    "Assets (R2)": "data_store cloudflare-r2",
    "Oracle 19c": "data_store oracle-19c",
    "Billing (Paddle)": "external_entity paddle",
    "Card payments via Paddle": "external_entity paddle",
    "Payments (Square)": "external_entity square-payments",
    "Square payments": "external_entity square-payments",
    "Analytics (Segment)": "external_entity segment",
    "Logs -> Datadog": "external_entity datadog",
    "Documents (Dropbox)": "external_entity file-sharing",
    "Images (Cloudinary)": "external_entity cloudinary",
    "Secrets (1Password)": "external_entity onepassword",
    "PCI vault (VGS)": "external_entity very-good-security",
    "Search (Algolia)": "external_entity algolia",
    "Search - OpenSearch 2.x": "data_store opensearch",
    "Speech to text: Deepgram": "external_entity deepgram",
    "Video calls (Zoom)": "external_entity zoom",
    "Zoom API": "external_entity zoom",
    "Login (Clerk)": "external_entity clerk-dev",
    "Okta (SSO)": "external_entity okta",
    "Workflow engine (Temporal)": "process temporal",
    "dbt on Snowflake": "process dbt",
    "Web (Next.js on Vercel)": "process nextjs",
    "Lambda@Edge authz": "process aws-lambda-edge",
    "Step Fn: refund flow": "process aws-step-functions",
    ".NET API": "process dotnet",
    "API (.NET 8)": "process dotnet",
    "Weights & Biases": "external_entity weights-biases",
    "z/OS (CICS)": "process z-os",
    "Front Door (WAF)": "process azure-front-door",
    "CI (Drone)": "process drone",
}


@pytest.mark.parametrize("label", DECORATED)
def test_decoration_hides_no_product(label: str) -> None:
    """Environments, numbers, roles and brackets around a product's name change nothing."""
    kind, id_ = DECORATED[label].split()
    read = TABLE.read(label)
    assert read.kind is not None
    assert (read.kind.value, id_ in {t.id for t in read.technologies}) == (kind, True)


@pytest.mark.parametrize(
    ("label", "absent"),
    [
        ("Stripe webhook handler", "stripe"),
        ("Stripe client", "stripe"),
        ("Stripe adapter", "stripe"),
        ("S3 proxy", "aws-s3"),
        ("Redis client", "redis"),
        ("Kafka producer", "kafka"),
        ("Kafka gateway", "kafka"),
        ("Kafka dashboard", "kafka"),
        ("HubSpot sync", "hubspot"),
        ("Snowflake sync job", "snowflake"),
        ("OpenAI proxy", "openai"),
        ("OpenAI wrapper service", "openai"),
        ("Cloudinary upload proxy", "cloudinary"),
        ("Slack bot", "slack"),
        ("GitHub App backend", "github"),
        ("Datadog forwarder", "datadog"),
        ("Zoom meeting importer", "zoom"),
        ("Paddle webhook handler", "paddle"),
        ("Deepgram client", "deepgram"),
        ("Vault agent injector", "hashicorp-vault"),
    ],
)
def test_what_we_run_for_a_product_is_ours(label: str, absent: str) -> None:
    """A handler, client, proxy, bot or sync job of a product is a process, and not the product."""
    read = TABLE.read(label)
    assert read.kind is not None
    assert read.kind.value == "process"
    assert absent not in {t.id for t in read.technologies}


@pytest.mark.parametrize(
    ("label", "id_"),
    [
        ("Squid proxy", "squid"),
        ("RDS Proxy", "aws-rds-proxy"),
        ("Cloudflare proxy", "cloudflare"),
        ("Zscaler proxy", "zscaler"),
        ("Stripe dashboard", "stripe"),
        ("Salesforce portal", "salesforce"),
    ],
)
def test_a_product_stays_one_beside_its_own_role(label: str, id_: str) -> None:
    """A proxy that is a product, and a vendor's own dashboard, are not ours."""
    assert id_ in {t.id for t in TABLE.recognise(label)}


EVERYDAY = """
    front door app, front desk, Front office app, door intercom, device gateway, payment agent, user agent,
    Paddle court booking, zoom level service, signal processing service, Signal box, branch service,
    segment builder, box office, linear solver, harbor master app, temporal analysis service, neon sign shop,
    render service, Render the page, make order service, line items service, square footage service, wise owl,
    visa applications DB, epic service, lever control, phoenix branch, tempo service, census data service,
    stitch service, hive monitoring, spark plug catalog, airflow sensor, presto pasta shop, druid game,
    chroma key service, celery shop, train conductor, windmill controller, court clerk, clerk portal,
    passage planner, persona service, drone delivery, drone fleet, concourse screens, flux meter, chef app,
    puppet theatre tickets, helm sensor, packing station, angular momentum service, gemini zodiac,
    mistral wind sensor, outlook report, discord report, honeycomb structure, caddy golf app, whisper game,
    feast planner, prefect portal, split payment service, unicorn startups, puma shop, passenger app,
    ambassador portal, teleport game, boundary service, gin shop, echo service, fiber network, spring sale,
    rocket launcher app, express delivery, ghost kitchen, bubble tea shop, flower delivery, bird watching app,
    bamboo nursery shop, ignition switch, mender, Oracle of Delphi, nets, zephyr breeze, vector drawing tool,
    cursor service, runway scheduler, clay shop, ramp metering, coda music, sage advice, outreach programme
"""


@pytest.mark.parametrize("label", [part.strip() for part in EVERYDAY.split(",")])
def test_everyday_words_are_no_products(label: str) -> None:
    """A word that is also a product's name means the product only with its vendor, its role, or alone."""
    assert [t.id for t in TABLE.recognise(label) if not t.is_role] == []


@pytest.mark.parametrize(
    ("label", "id_"),
    [
        ("Sidekiq", "Sidekiq"),
        ("Worldpay", "Worldpay"),
        ("HubSpot", "HubSpot"),
        ("Zipkin", "Zipkin"),
        ("PyPI", "PyPI"),
        ("OpenTelemetry Collector", "OpenTelemetry Collector"),
        ("LangGraph", "LangGraph"),
    ],
)
def test_products_keep_their_own_names(label: str, id_: str) -> None:
    """What is said about a product names it, and not another of its kind."""
    assert TABLE.recognise(label)[0].name == id_
