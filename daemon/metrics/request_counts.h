// How many questions there were, and how they ended. Labels are names of methods and routes, never what was asked.
// Thread-safe.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <string>
#include <vector>

namespace flosync {

class RequestCounts {
 public:
  RequestCounts();

  // A call over gRPC, those that came over HTTP included: "flosync.v1.SyncService/GetSyncStatus", "OK".
  void CountCall(const std::string& method, const std::string& code);
  // "/api/v1/snapshots/{reference_date}", or "none" where nothing stands; 404.
  void CountHttp(const std::string& route, int32_t status);

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const { return registry_.Collect(); }

 private:
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& calls_;
  prometheus::Family<prometheus::Counter>& http_;
};

}  // namespace flosync
