// KafkaSourceOptions as librdkafka's configuration.
#pragma once

#include "absl/status/statusor.h"

#include "connectors/kafka/handles.h"
#include "connectors/kafka/kafka_source.h"

namespace flosync {

// INVALID_ARGUMENT names the property that is unknown, has a value librdkafka refuses, or is flosync's own to set.
// Values are never part of the text: they may be passwords.
[[nodiscard]] absl::StatusOr<ConfHandle> MakeClientConf(const KafkaSourceOptions& options);

// For a producer that writes at least once and in order. INVALID_ARGUMENT as above.
[[nodiscard]] absl::StatusOr<ConfHandle> MakeProducerConf(const std::string& brokers, int32_t message_timeout_ms,
                                                          const std::map<std::string, std::string>& client_settings);

// A consumer that holds no partitions yet. INVALID_ARGUMENT if the settings do not go together or name files that are
// not there.
[[nodiscard]] absl::StatusOr<ClientHandle> NewClient(ConfHandle conf);

}  // namespace flosync
