#include "daemon/metrics/page.h"

#include <prometheus/text_serializer.h>

#include <iterator>
#include <sstream>
#include <utility>

#include <google/protobuf/util/time_util.h>

#include "domain/oslo.h"

namespace flosync {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

// Families in the order in which they are begun.
class Page {
 public:
  Page& Family(const char* name, MetricType type, const char* help) {
    families_.push_back({name, help, type, {}});
    return *this;
  }
  Page& Gauge(const char* name, const char* help) { return Family(name, MetricType::Gauge, help); }
  Page& Counter(const char* name, const char* help) { return Family(name, MetricType::Counter, help); }

  // Of the family begun last.
  Page& Value(double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    (families_.back().type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    families_.back().metric.push_back(std::move(metric));
    return *this;
  }
  Page& Value(int64_t value, Labels labels = {}) { return Value(static_cast<double>(value), std::move(labels)); }
  Page& Durations(const DurationCounts& durations) {
    ClientMetric metric;
    for (size_t i = 0; i < durations.counts.size(); ++i) {
      metric.histogram.sample_count += static_cast<uint64_t>(durations.counts.at(i));
      if (i == DurationCounts::kBoundsSeconds.size()) break;
      metric.histogram.bucket.push_back({metric.histogram.sample_count, DurationCounts::kBoundsSeconds.at(i)});
    }
    metric.histogram.sample_sum = durations.sum_seconds;
    families_.back().metric.push_back(std::move(metric));
    return *this;
  }
  void Add(std::vector<MetricFamily> families) {
    families_.insert(families_.end(), std::make_move_iterator(families.begin()),
                     std::make_move_iterator(families.end()));
  }

  // A family without values is left out.
  [[nodiscard]] std::string Text() {
    std::erase_if(families_, [](const MetricFamily& family) { return family.metric.empty(); });
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return out.str();
  }

 private:
  std::vector<MetricFamily> families_;
};

// Seconds since 1970.
double Seconds(const google::protobuf::Timestamp& at) {
  constexpr double kMsPerSecond = 1000;
  return static_cast<double>(google::protobuf::util::TimeUtil::TimestampToMilliseconds(at)) / kMsPerSecond;
}

void AddProcess(const MetricsInput& in, Page& page) {
  const v1::GetSyncStatusResponse& status = in.status;
  page.Gauge("flosync_build_info", "1; the version is a label").Value(1.0, {{"version", status.version()}});
  page.Gauge("process_start_time_seconds", "When the daemon began").Value(Seconds(status.started_at()));
  page.Gauge("flosync_ready", "1 where health is SERVING: the sources have been read to their end once")
      .Value(in.ready ? 1.0 : 0.0);
  page.Gauge("flosync_streams_open", "Streams that are open").Value(static_cast<int64_t>(in.open_streams));
}

void AddSources(const v1::GetSyncStatusResponse& status, Page& page) {
  page.Gauge("flosync_source_connected", "1 while the source can be read")
      .Value(status.connection().connected() ? 1.0 : 0.0);
  const auto each = [&](const auto& add) {
    for (const v1::SourceStatus& source : status.sources()) {
      add(source, Labels{{"topic", source.topic()}, {"partition", std::to_string(source.partition())}});
    }
  };
  page.Gauge("flosync_source_position", "The next offset to read");
  each([&](const auto& source, const Labels& labels) { page.Value(source.position(), labels); });
  page.Gauge("flosync_source_end", "The end of the partition as last heard");
  each([&](const auto& source, const Labels& labels) {
    if (source.has_end()) page.Value(source.end(), labels);
  });
  page.Gauge("flosync_source_lag_records", "Records between position and end");
  each([&](const auto& source, const Labels& labels) {
    if (source.has_lag_records()) page.Value(source.lag_records(), labels);
  });
  page.Gauge("flosync_source_age_seconds", "Since the newest broker timestamp read");
  each([&](const auto& source, const Labels& labels) {
    if (source.has_age_seconds()) page.Value(source.age_seconds(), labels);
  });
  page.Gauge("flosync_source_caught_up", "1 where the partition had been read to its end when last checked");
  each([&](const auto& source, const Labels& labels) { page.Value(source.caught_up() ? 1.0 : 0.0, labels); });
}

void AddSync(const MetricsInput& in, Page& page) {
  const v1::GetSyncStatusResponse& status = in.status;
  const v1::RecordCounts& records = status.records();
  page.Counter("flosync_records_total", "Records read, by what became of them")
      .Value(records.applied(), {{"outcome", "applied"}})
      .Value(records.duplicate(), {{"outcome", "duplicate"}})
      .Value(records.older(), {{"outcome", "older"}})
      .Value(records.conflicting(), {{"outcome", "conflicting"}})
      .Value(records.refused(), {{"outcome", "refused"}})
      .Value(records.ignored(), {{"outcome", "ignored"}})
      .Value(records.skipped(), {{"outcome", "skipped"}});
  page.Counter("flosync_commits_total", "Commits since the start").Value(status.work().commits());
  page.Family("flosync_commit_duration_seconds", MetricType::Histogram, "How long commits took, disk included")
      .Durations(in.commit_durations);
  page.Counter("flosync_lists_derived_total", "Lists derived anew since the start")
      .Value(status.work().lists_derived());
  page.Counter("flosync_cells_touched_total", "Figures touched since the start").Value(status.work().cells_touched());
  page.Gauge("flosync_synced_timestamp_seconds", "Sync instant of the last commit");
  if (status.has_synced_at()) page.Value(Seconds(status.synced_at()));
  page.Gauge("flosync_last_complete_sync_timestamp_seconds", "When every source had last been read to its end");
  if (status.has_last_complete_sync()) page.Value(Seconds(status.last_complete_sync()));
  page.Gauge("flosync_paused", "1 while no record takes effect").Value(status.has_paused() ? 1.0 : 0.0);
  page.Gauge("flosync_next_timer_timestamp_seconds", "When the clock next changes a figure");
  if (status.has_next_timer()) page.Value(Seconds(status.next_timer()));
}

void AddState(const MetricsInput& in, Page& page) {
  const v1::GetSyncStatusResponse& status = in.status;
  page.Gauge("flosync_revision", "Number of the last commit").Value(status.revision());
  page.Gauge("flosync_feed_oldest_revision", "The oldest revision that a watch can be resumed from");
  if (in.oldest_feed_revision) page.Value(*in.oldest_feed_revision);
  page.Gauge("flosync_store_bytes", "Bytes of all files in the state directory").Value(in.store_bytes);
  page.Gauge("flosync_entities", "Entities known, by kind")
      .Value(status.holdings().persons(), {{"kind", "person"}})
      .Value(status.holdings().contracts(), {{"kind", "contract"}})
      .Value(status.holdings().doctor_periods(), {{"kind", "doctor_period"}});
  page.Gauge("flosync_deviations_open", "Open deviations, by code");
  for (const v1::DeviationCount& count : status.deviations()) page.Value(count.count(), {{"code", count.code()}});
  page.Gauge("flosync_alerts_open", "Open alerts, by kind");
  for (const auto& [kind, count] : in.open_alerts) page.Value(count, {{"kind", kind}});
}

void AddResults(const v1::GetSyncStatusResponse& status, Page& page) {
  page.Gauge("flosync_snapshot_reference_date_timestamp_seconds", "Midnight in Oslo of the latest snapshot's date");
  if (const auto day = ParseDay(status.latest_snapshot().reference_date())) {
    constexpr double kMsPerSecond = 1000;
    page.Value(static_cast<double>(StartOfDay(*day).ms) / kMsPerSecond);
  }
  page.Gauge("flosync_snapshot_edition", "Edition of the latest snapshot");
  if (status.has_latest_snapshot()) page.Value(static_cast<int64_t>(status.latest_snapshot().edition()));
  page.Gauge("flosync_backup_timestamp_seconds", "When the latest backup was made");
  if (status.has_latest_backup()) page.Value(Seconds(status.latest_backup().created_at()));
  page.Gauge("flosync_audit_timestamp_seconds", "When the last self-audit ended");
  if (status.has_latest_audit()) page.Value(Seconds(status.latest_audit().finished_at()));
  page.Gauge("flosync_audit_ok", "1 if the last self-audit was carried out and found nothing");
  if (status.has_latest_audit()) page.Value(status.latest_audit().ok() ? 1.0 : 0.0);
  page.Gauge("flosync_audit_differences", "Differences that the last self-audit found");
  if (status.has_latest_audit()) page.Value(status.latest_audit().difference_count());
}

}  // namespace

std::string MetricsPage(MetricsInput input) {
  Page page;
  AddProcess(input, page);
  AddSources(input.status, page);
  AddSync(input, page);
  AddState(input, page);
  AddResults(input.status, page);
  page.Add(std::move(input.requests));
  return page.Text();
}

}  // namespace flosync
