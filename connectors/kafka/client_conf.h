// KafkaSourceOptions as librdkafka's configuration.
#pragma once

#include "absl/status/statusor.h"

#include "connectors/kafka/handles.h"
#include "connectors/kafka/kafka_source.h"

namespace flosync {

// INVALID_ARGUMENT names the property that is unknown, has a value librdkafka refuses, or is flosync's own to set.
// Values are never part of the text: they may be passwords.
[[nodiscard]] absl::StatusOr<ConfHandle> MakeClientConf(const KafkaSourceOptions& options);

// A consumer that holds no partitions yet. INVALID_ARGUMENT if the settings do not go together or name files that are
// not there.
[[nodiscard]] absl::StatusOr<ClientHandle> NewClient(ConfHandle conf);

}  // namespace flosync
