#include "state/core/deviation_log.h"

#include <algorithm>

#include "domain/text.h"
#include "state/indicators/indicator_row.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

Deviation FromStored(const store::v1::StoredDeviation& in) {
  Deviation d;
  d.code = static_cast<DeviationCode>(in.code());
  d.entity = in.entity();
  d.field = in.field();
  d.detail = in.detail();
  d.line = in.line();
  if (in.has_position()) {
    d.first = Read(in.first());
    d.last = Read(in.last());
  }
  d.count = in.count();
  d.resolved = in.resolved();
  return d;
}

std::string ToStored(const Deviation& d) {
  store::v1::StoredDeviation out;
  out.set_code(static_cast<uint32_t>(d.code));
  out.set_entity(d.entity);
  out.set_field(d.field);
  out.set_detail(d.detail);
  out.set_line(d.line);
  out.set_has_position(d.first.has_value());
  if (d.first) {
    Write(*d.first, out.mutable_first());
    Write(*d.last, out.mutable_last());
  }
  out.set_count(d.count);
  out.set_resolved(d.resolved);
  return out.SerializeAsString();
}

// Adds `more`; text and line are those of the earlier one.
void AddTo(Deviation& into, const Deviation& more) {
  into.count += more.count;
  if (more.first && (!into.first || *more.first < *into.first)) {
    into.first = more.first;
    into.field = more.field;
    into.detail = more.detail;
    into.line = more.line;
  }
  if (more.last && (!into.last || *more.last > *into.last)) into.last = more.last;
}

}  // namespace

void DeviationLog::Note(const DeviationNote& note, const std::string& entity, const std::string& line,
                        const std::optional<Position>& at) {
  Deviation d{note.code, entity, note.field, note.detail, line, at, at, 1, false};
  const auto [it, fresh] = pending_.try_emplace(DeviationKey(DeviationName(note.code), entity), d);
  if (!fresh) AddTo(it->second, d);
}

void DeviationLog::SetConflicts(const std::string& entity, int64_t count, const Position& first, const Position& last) {
  const DeviationCode code = DeviationCode::kConflictingVersion;
  const std::string key = DeviationKey(DeviationName(code), entity);
  pending_.erase(key);
  replaced_[key] = {code, entity, "", "one version has two contents", "", first, last, count, false};
}

absl::Status DeviationLog::Write(const View& view, Batch& batch) {
  for (const auto& [key, entry] : replaced_) {
    if (entry.count == 0) {
      batch.Delete(Family::kDeviations, key);
    } else {
      batch.Put(Family::kDeviations, key, ToStored(entry));
    }
  }
  for (const auto& [key, more] : pending_) {
    const auto bytes = view.Get(Family::kDeviations, key);
    if (!bytes.ok()) return bytes.status();
    Deviation entry = more;
    if (const auto replaced = replaced_.find(key); replaced != replaced_.end() && replaced->second.count > 0) {
      entry = replaced->second;
      AddTo(entry, more);
    } else if (bytes->has_value()) {
      // A line that is read again, after `--until` held records back, is the same finding.
      if (!more.first) continue;
      const auto stored = ParseStored<store::v1::StoredDeviation>(**bytes);
      if (!stored.ok()) return stored.status();
      entry = FromStored(*stored);
      AddTo(entry, more);
    }
    batch.Put(Family::kDeviations, key, ToStored(entry));
  }
  pending_.clear();
  replaced_.clear();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Deviation>> ReadDeviations(const View& view) {
  std::vector<Deviation> all;
  absl::Status failed;
  const absl::Status walked = view.Each(Family::kDeviations, "", [&](std::string_view, std::string_view value) {
    const auto stored = ParseStored<store::v1::StoredDeviation>(value);
    if (!stored.ok()) {
      failed = stored.status();
      return false;
    }
    all.push_back(FromStored(*stored));
    return true;
  });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  return all;
}

std::string_view DeviationPriority(DeviationCode code) {
  switch (code) {
    case DeviationCode::kMalformedRecord:
    case DeviationCode::kUnknownFormat:
    case DeviationCode::kPersonalDataReceived:
      return "high";
    case DeviationCode::kInvalidPeriod:
    case DeviationCode::kInvalidIdentifier:
    case DeviationCode::kNegativeNumber:
      return "normal";
    case DeviationCode::kConflictingVersion:
      return "low";
  }
  return "";
}

std::string DeviationsCsv(const std::vector<Deviation>& deviations) {
  std::string out = "code,priority,entity,topic,partition,offset,first_seen,last_seen,count,status,detail\n";
  for (const Deviation& d : deviations) {
    const std::string detail = Join(d.field, d.field.empty() ? "" : " ", d.detail, "; ", DeviationRemedy(d.code));
    const bool placed = d.first.has_value();
    bool first = true;
    for (const std::string& field :
         {std::string(DeviationName(d.code)), std::string(DeviationPriority(d.code)), d.entity,
          placed ? std::string(TopicName(d.first->topic)) : "", placed ? std::to_string(d.first->partition) : "",
          placed ? std::to_string(d.first->offset) : "", placed ? FormatUtc(d.first->known_from) : "",
          placed ? FormatUtc(d.last->known_from) : "", std::to_string(d.count),
          std::string(d.resolved ? "resolved" : "open"), detail}) {
      if (!first) out.push_back(',');
      first = false;
      AppendCsvField(field, out);
    }
    out.push_back('\n');
  }
  return out;
}

}  // namespace flosync
