#include "daemon/config_keys.h"

#include <algorithm>
#include <array>

#include "daemon/security/authenticator.h"
#include "daemon/security/key_download.h"
#include "domain/address.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::array<std::string_view, 2> kSourceKinds = {"kafka", "files"};
constexpr std::array<std::string_view, 2> kSyncModes = {"continuous", "scheduled"};
constexpr std::array<std::string_view, 4> kLogLevels = {"debug", "info", "warning", "error"};

bool IsAny(std::string_view /*text*/) { return true; }
bool IsNotEmpty(std::string_view text) { return !text.empty(); }

// Kafka's own rule for names of topics.
bool IsTopicName(std::string_view text) {
  constexpr size_t kLongest = 249;
  if (text.empty() || text.size() > kLongest || text == "." || text == "..") return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

constexpr TextRule kAnyText = {IsAny, "a text"};
constexpr TextRule kSomeText = {IsNotEmpty, "a text that is not empty"};
constexpr TextRule kAddress = {IsHostAndPort, "HOST:PORT, a port being 0..65535"};
constexpr TextRule kBrokers = {IsBrokerList, "HOST:PORT, several separated by commas without spaces"};
bool IsAddressOrNone(std::string_view text) { return text.empty() || IsHostAndPort(text); }

constexpr TextRule kAddressOrNone = {IsAddressOrNone, "empty, or HOST:PORT, a port being 0..65535"};
bool IsTopicNameOrNone(std::string_view text) { return text.empty() || IsTopicName(text); }

constexpr TextRule kTopicNameOrNone = {IsTopicNameOrNone, "empty, or 1..249 of the characters a-z A-Z 0-9 . _ -"};
constexpr TextRule kTopicName = {IsTopicName, "1..249 of the characters a-z A-Z 0-9 . _ -"};

constexpr auto kKafkaExamples = std::to_array<std::string_view>(
    {"\"security.protocol\" = \"SASL_SSL\"", "\"ssl.ca.location\" = \"/etc/flosync/ca.pem\"",
     "\"sasl.mechanism\" = \"PLAIN\"", "\"sasl.username\" = \"flosync\"",
     "\"sasl.password\" = \"env:FLOSYNC_KAFKA_PASSWORD\""});
constexpr auto kClientExamples = std::to_array<std::string_view>(
    {"\"URI:spiffe://example.no/report\" = \"974760673 flosync:indicators.read flosync:lists.read\"",
     "\"DNS:case-work.example.no\" = \"974760673 flosync:doctors.read flosync:alerts.write\""});
constexpr std::array<std::string_view, 2> kClientCertificates = {"required", "optional"};

bool IsKeysPlace(std::string_view text) { return text.find("://") == std::string_view::npos || IsKeyUrl(text); }
constexpr TextRule kKeysPlace = {IsKeysPlace, "a file, an https:// address, or an http:// address of this machine"};
constexpr TextRule kClientGrant = {IsClientGrant, "an organisation and scopes: \"974760673 flosync:lists.read\""};

void VisitFiles(FilesConfig& files, ConfigVisitor& v) {
  v.Section("source.files", "Records from files, for source.kind = \"files\".");
  v.Text("path", files.path, kAnyText,
         "A directory with record files, or one file. Needed; the flag --input says it too.");
  v.Flag("follow", files.follow, "Go on when the end is reached: wait for files to grow and for new ones.");
  v.Number("rescan_interval_ms", files.rescan_interval_ms, 10, 3'600'000,
           "How often files are looked at again when followed, in milliseconds.");
}

void VisitKafka(KafkaConfig& kafka, ConfigVisitor& v) {
  const auto topic = [&kafka](Topic t) -> std::string& { return kafka.topic_names[static_cast<size_t>(t)]; };
  v.Section("source.kafka", "Records from Kafka, for source.kind = \"kafka\".");
  v.Text("brokers", kafka.brokers, kBrokers, "Where to begin; the other brokers are learnt from these.");
  v.Text("group_id", kafka.group_id, kSomeText,
         "Positions are shown in this consumer group for lag tools. The group is never joined and never read.");
  v.Number("metadata_refresh_interval_ms", kafka.metadata_refresh_interval_ms, 100, 3'600'000,
           "How often new partitions are looked for, in milliseconds.");
  v.Section("source.kafka.topics", "The topics by what they carry; each has a name of its own.");
  v.Text("contract", topic(Topic::kContract), kTopicName, "Contracts of FLO.");
  v.Text("doctor_period", topic(Topic::kDoctorPeriod), kTopicName,
         "Doctor periods of FLO: which doctor is on which contract.");
  v.Text("patient_count", topic(Topic::kPatientCount), kTopicName, "Counts of persons on the lists, of FLO.");
  v.Text("event", topic(Topic::kEvent), kTopicName, "Events of HPR, such as merged numbers.");
  v.Text("person", topic(Topic::kPerson), kTopicName, "Persons of HPR.");
  v.Section("source.kafka", "");
  v.Settings(
      "settings", kafka.settings,
      {.what = "a table of librdkafka properties", .value = kAnyText, .has_secrets = true, .examples = kKafkaExamples},
      "librdkafka properties by name, passed on as they are. Passwords and keys are never written here: \"env:NAME\"\n"
      "takes the value from the environment variable NAME.");
}

void VisitAlerts(AlertsConfig& alerts, ConfigVisitor& v) {
  AlertThresholds& t = alerts.thresholds;
  v.Section("alerts", "When flosync's own work raises an alert; those about lists and doctors follow the rules.");
  v.Number("source_stale_minutes", t.source_stale_minutes, 1, 100'000,
           "SOURCE_STALE: so long after a complete sync was due there has been none, in minutes.");
  v.Number("snapshot_late_minutes", t.snapshot_late_minutes, 1, 100'000,
           "SNAPSHOT_LATE: so long after 06:00 on the first of a month its snapshot is missing, in minutes.");
  v.Number("snapshot_change_percent", t.snapshot_change_percent, 1, 1'000,
           "SNAPSHOT_IMPLAUSIBLE: a national figure moved by more than this since the month before, in percent of it.");
  v.Number("patient_count_stale_days", t.patient_count_stale_days, 1, 10'000,
           "PATIENT_COUNT_STALE: the newest patient count of the country is older than this, in days.");
  v.Number("dead_letters_per_day", t.dead_letters_per_day, 0, 1'000'000'000,
           "DEAD_LETTER_GROWING: more records than this could not be read within 24 hours.");
  v.Number("open_deviations", t.open_deviations, 0, 1'000'000'000,
           "DEVIATION_BACKLOG: more deviations than this are open.");
  v.Number("resolved_kept", alerts.resolved_kept, 0, 1'000'000,
           "How many resolved alerts are kept; those resolved first are forgotten first.");
}

void VisitTls(TlsConfig& tls, ConfigVisitor& v) {
  v.Section("security.tls", "TLS 1.2 and 1.3. The files are in PEM and are read again when they change; no restart.");
  v.Text("certificate", tls.certificate, kAnyText, "The server's certificate and those between; empty = no TLS.");
  v.Text("key", tls.key, kAnyText, "Its private key, without a pass phrase; readable for the daemon alone.");
  v.Text("client_ca", tls.client_ca, kAnyText,
         "The authorities of clients' certificates; empty = clients are not asked for one.");
  v.Choice("client_certificates", tls.client_certificates, kClientCertificates,
           "With client_ca: whether a connection needs a client certificate.");
  v.Number("reload_seconds", tls.reload_seconds, 1, 86'400, "How often the files are looked at, in seconds.");
}

void VisitTokens(TokensConfig& tokens, ConfigVisitor& v) {
  v.Section("security.tokens", "Bearer tokens (JWT) of one issuer; see docs/security.md for what is asked of them.");
  v.Text("issuer", tokens.issuer, kAnyText, "The claim iss; empty = no tokens are taken.");
  v.Text("audience", tokens.audience, kAnyText, "What the claim aud has to name.");
  v.Text("keys", tokens.keys, kKeysPlace, "The issuer's JSON Web Key Set: a file, or its address.");
  v.Text("organisation_claim", tokens.organisation_claim, kAnyText,
         "The claim with the caller's organisation number, for the access log.");
  v.Number("leeway_seconds", tokens.leeway_seconds, 0, 300, "By how much clocks may differ, in seconds.");
  v.Number("keys_refresh_seconds", tokens.keys_refresh_seconds, 10, 86'400,
           "How often keys are fetched from an address, in seconds; files are looked at every 5.");
}

void VisitSecurity(SecurityConfig& security, ConfigVisitor& v) {
  v.Section("security",
            "Who may ask what. Without clients and tokens the daemon is open, and listens on loopback only.");
  v.Text("access_log", security.access_log, kAnyText,
         "Where it is written who has read about which doctors; empty = access_log.ndjson in the state directory.");
  v.Number("max_calls_per_second", security.max_calls_per_second, 1, 1'000'000,
           "Calls of one caller in a second; more are refused with RESOURCE_EXHAUSTED.");
  v.Number("max_metadata_bytes", security.max_metadata_bytes, 1'024, 1'048'576, "Metadata of one call, in bytes.");
  v.Flag("reflection", security.reflection,
         "Describe the API to everybody, as grpcurl asks; an open daemon always does.");
  VisitTls(security.tls, v);
  v.Section("security", "");
  v.Settings("clients", security.clients,
             {.what = "a table of clients", .value = kClientGrant, .has_secrets = false, .examples = kClientExamples},
             "Clients by a name of their certificate (URI: or DNS:, of the subject alternative names): organisation,\n"
             "then scopes: flosync:indicators.read flosync:lists.read flosync:doctors.read flosync:alerts.write\n"
             "flosync:admin.");
  VisitTokens(security.tokens, v);
}

// How the state is looked after, and how long what is told stays.
void VisitKeeping(Config& config, ConfigVisitor& v) {
  v.Section("audit", "The self-audit: figures against a plain recount of the stored records. Nothing is repaired.");
  v.Number("interval_minutes", config.audit.interval_minutes, 0, 10'080,
           "At most this often, after a complete sync and in the background, in minutes; 0 = never.");

  v.Section("backup", "Backups of the running daemon, made when they are asked for (`flosync backup`).");
  v.Text("directory", config.backup.directory, kAnyText,
         "Where they go, best on another disk; this daemon's alone, made if missing. Empty = there are none.");
  v.Number("kept_backups", config.backup.kept_backups, 1, 1'000,
           "So many are kept; older ones go when a new one is complete.");

  v.Section("history", "What is kept of the past of persons. Figures and answers stay the same whatever is set here.");
  v.Number("retention_days", config.history.retention_days, 0, 100'000,
           "Versions of a person superseded longer ago than this shrink to what figures and questions need: no\n"
           "approvals, specialities, suspensions, reactions any more. In days, for good; 0 = all are kept as read.");

  v.Section("feed",
            "The changes that watch streams tell. A stream whose place has gone ends with RESUME_TOKEN_EXPIRED.");
  v.Number("retention_days", config.feed.retention_days, 0, 100'000,
           "Changes older than this go, in days: the longest that a watcher may stay away; 0 = no limit.");
  v.Number("retention_mib", config.feed.retention_mib, 0, 1'000'000,
           "The oldest changes go when there are more, in MiB before compression; 0 = no limit.");

  v.Section("streams", "Limits on watch streams; one beyond them is refused with RESOURCE_EXHAUSTED.");
  v.Number("max_streams", config.streams.max_streams, 1, 1'000'000, "Streams in all.");
  v.Number("max_streams_per_client", config.streams.max_streams_per_client, 1, 1'000'000,
           "Streams of one caller, or of one address where nobody is asked for a name.");
}

}  // namespace

bool IsSecretSetting(std::string_view name) {
  return name.find("password") != std::string_view::npos || name.find("secret") != std::string_view::npos ||
         name == "ssl.key.pem" || name == "sasl.oauthbearer.config";
}

void VisitConfig(Config& config, ConfigVisitor& v) {
  v.Section("state", "What the daemon keeps.");
  v.Text("directory", config.state.directory, kSomeText,
         "The directory of the store. One daemon at a time; it is made if missing.");
  v.Text("definitions", config.state.definitions, kAnyText,
         "A directory with definitions (.toml) beside the shipped ones; empty = none. The flag --definitions says it "
         "too.");

  v.Section("listen", "Where the daemon answers.");
  v.Text("grpc", config.listen.grpc, kAddress,
         "For gRPC. Port 0 picks a free one, which the first line printed names.");
  v.Text("http", config.listen.http, kAddressOrNone,
         "For HTTP: JSON, metrics, health pages; as for gRPC. Empty = no HTTP.");

  v.Section("source", "Where the records come from.");
  v.Choice("kind", config.source.kind, kSourceKinds, "Kafka, or files for trying out and for replays.");
  VisitFiles(config.source.files, v);
  VisitKafka(config.source.kafka, v);

  v.Section("decode", "Names of fields that the registers' published descriptions leave open.");
  v.Text("sex_field", config.decode.sex_field, kSomeText, "The sex, below `person` in a record of HPR.");
  v.Text("event_number_field", config.decode.event_number_field, kSomeText,
         "The HPR number, below `properties` in an event of HPR; the surviving one of a merger.");
  v.Text("event_old_number_field", config.decode.event_old_number_field, kSomeText,
         "The HPR number that a merger ends, below `properties` in an event of HPR.");

  v.Section("sync", "When records are read, and how many take effect together.");
  v.Choice("mode", config.sync.mode, kSyncModes,
           "Continuous: every record as it comes. Scheduled: at the times below, each time up to the sources' ends.");
  v.Times("times", config.sync.times,
          "Local times in Oslo for mode = \"scheduled\"; 05:00 is the agreed morning sync.");
  v.Number("commit_max_records", config.sync.commit_max_records, 1, 1'000'000,
           "At most this many records take effect in one commit.");

  v.Section("dead_letters", "Records that cannot be read at all; they always stand in the state directory as well.");
  v.Text("topic", config.dead_letters.topic, kTopicNameOrNone,
         "Topic for them at the brokers of source.kafka, with the headers of Kafka Connect; empty = none.");
  v.Flag("include_values", config.dead_letters.include_values,
         "Keep their bytes, which may hold personal data: up to 512 KiB, never those with an identity number.");

  VisitKeeping(config, v);
  VisitSecurity(config.security, v);
  VisitAlerts(config.alerts, v);

  v.Section("log", "The log, on standard error.");
  v.Choice("level", config.log.level, kLogLevels, "The least grave that is logged.");
}

}  // namespace flosync
