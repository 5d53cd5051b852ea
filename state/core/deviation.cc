#include "state/core/deviation.h"

#include <algorithm>

#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

void WriteDecision(const DeviationDecision& decision, store::v1::StoredDecision* out) {
  out->set_status(static_cast<uint32_t>(decision.status));
  out->set_by(decision.by);
  out->set_reason(decision.reason);
  out->set_at_ms(decision.at.ms);
  out->set_count(decision.count);
}

DeviationDecision ReadDecision(const store::v1::StoredDecision& in) {
  return {static_cast<DeviationStatus>(in.status()), in.by(), in.reason(), {in.at_ms()}, in.count()};
}

}  // namespace

DeviationStatus Deviation::status() const {
  if (settled) return DeviationStatus::kResolved;
  if (decision && decision->count == count) return decision->status;
  return DeviationStatus::kOpen;
}

std::string EncodeDeviation(const Deviation& d) {
  store::v1::StoredDeviation out;
  out.set_id(d.id);
  out.set_code(static_cast<uint32_t>(d.code));
  out.set_entity(d.entity);
  out.set_field(d.field);
  out.set_detail(d.detail);
  out.set_line(d.line);
  out.set_has_position(d.first.has_value());
  if (d.first) {
    Write(*d.first, out.mutable_first());
    Write(*d.last, out.mutable_last());
  } else if (d.first_seen) {
    out.set_first_seen_ms(d.first_seen->ms);
    out.set_last_seen_ms(d.last_seen->ms);
  }
  out.set_count(d.count);
  out.set_resolved(d.settled);
  if (d.decision) WriteDecision(*d.decision, out.mutable_decision());
  if (d.key) {
    out.set_key_topic(static_cast<uint32_t>(d.key->topic));
    out.set_key_hash(d.key->bytes.data(), d.key->bytes.size());
  }
  return out.SerializeAsString();
}

absl::StatusOr<Deviation> DecodeDeviation(std::string_view bytes) {
  const auto in = ParseStored<store::v1::StoredDeviation>(bytes);
  if (!in.ok()) return in.status();
  if (in->code() >= kDeviationCodeCount) {
    return absl::DataLossError("store: a deviation of unknown code; a newer flosync may have written it, start that");
  }
  Deviation d;
  d.id = in->id();
  d.code = static_cast<DeviationCode>(in->code());
  d.entity = in->entity();
  d.field = in->field();
  d.detail = in->detail();
  d.line = in->line();
  if (in->has_position()) {
    d.first = Read(in->first());
    d.last = Read(in->last());
    d.first_seen = d.first->known_from;
    d.last_seen = d.last->known_from;
  } else if (in->has_first_seen_ms()) {
    d.first_seen = Instant{in->first_seen_ms()};
    d.last_seen = Instant{in->last_seen_ms()};
  }
  d.count = in->count();
  d.settled = in->resolved();
  if (in->has_decision()) d.decision = ReadDecision(in->decision());
  if (RecordKey key; in->key_hash().size() == key.bytes.size()) {
    key.topic = static_cast<Topic>(in->key_topic());
    std::copy(in->key_hash().begin(), in->key_hash().end(), key.bytes.begin());
    d.key = key;
  }
  return d;
}

absl::StatusOr<std::vector<Deviation>> ReadDeviations(const View& view) {
  std::vector<Deviation> all;
  absl::Status failed;
  const absl::Status walked = view.Each(Family::kDeviations, "", [&](std::string_view, std::string_view value) {
    auto deviation = DecodeDeviation(value);
    if (!deviation.ok()) {
      failed = deviation.status();
      return false;
    }
    all.push_back(*std::move(deviation));
    return true;
  });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  return all;
}

absl::StatusOr<std::optional<Deviation>> FindDeviation(const View& view, int64_t id) {
  const auto key = view.Get(Family::kIndex, DeviationIdKey(id));
  if (!key.ok()) return key.status();
  if (!key->has_value()) return std::optional<Deviation>();
  const auto bytes = view.Get(Family::kDeviations, **key);
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<Deviation>();
  auto deviation = DecodeDeviation(**bytes);
  if (!deviation.ok()) return deviation.status();
  // Another one may have come under the same code and entity since.
  if (deviation->id != id) return std::optional<Deviation>();
  return std::optional(*std::move(deviation));
}

}  // namespace flosync
