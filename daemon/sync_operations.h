// What services can ask of the daemon beside changes of the store.
#pragma once

#include <cstdint>
#include <functional>

namespace flosync {

class Backups;
class Redrive;

// What becomes of a wish to sync now.
enum class SyncStart : uint8_t {
  kStarted = 1,     // a scheduled sync has begun
  kRunning = 2,     // one was under way
  kContinuous = 3,  // the sources are read all the time
};

struct SyncOperations {
  // Called on the writer's thread, in a command.
  std::function<SyncStart()> start_sync = [] { return SyncStart::kContinuous; };
  Backups* backups = nullptr;  // nullptr = no directory is configured
  Redrive* redrive = nullptr;  // nullptr = there is no source to read again from
};

}  // namespace flosync
