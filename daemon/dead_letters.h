// Records that could not be read at all (R22): noted in STATE/deadletter.ndjson, which is also the outbox of the
// dead-letter topic.
//
// A dead letter has the header names Kafka Connect uses and a key that names the record's position, so that what comes
// twice is told from what is new. It is written and synced before the record's commit, so none is lost; after a crash
// between the two it may stand there twice. The value's bytes are in it only where that is switched on, they are
// bounded, and no identity number is in them (R24): see DecoderConfig::keep_dead_letter_values. Not thread-safe.
//
//   {"key":"hpr.person/0/17","headers":{"__connect.errors.topic":"hpr.person",…},"value_base64":"…"}
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include "connectors/kafka/topic_writer.h"
#include "domain/decoded_record.h"
#include "state/core/partitions.h"
#include "state/store/store.h"

namespace flosync {

// A line of the file, without LF, and back; nothing for a line that is none, such as one torn by a crash.
[[nodiscard]] std::string FormatDeadLetter(const TopicMessage& letter);
[[nodiscard]] std::optional<TopicMessage> ParseDeadLetter(std::string_view line);

// "STATE/deadletter.ndjson".
[[nodiscard]] std::string DeadLetterPath(const std::string& state_directory);

// Appends those of the records that could not be read, and waits until they are on disk. A record whose offset was in
// `read` before has its letter already: a replay reads again what follows records it held back.
[[nodiscard]] absl::Status AppendDeadLetters(const std::string& state_directory,
                                             const std::vector<DecodedRecord>& records,
                                             const Partitions& read = Partitions());
// Takes out of the records the lines of files that were noted as unreadable before; they have no offset to tell it by.
[[nodiscard]] absl::Status DropNotedLines(const View& view, std::vector<DecodedRecord>& records);

}  // namespace flosync
