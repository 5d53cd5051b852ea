#include "daemon/cli/command_line.h"

// Read by jemalloc at start: what was freed goes back to the system within seconds, also while nothing is done.
extern "C" {
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): by this name and type it is looked for.
const char* malloc_conf = "background_thread:true,dirty_decay_ms:5000";
}

int main(int argc, char** argv) { return flosync::RunCommandLine(argc, argv); }
