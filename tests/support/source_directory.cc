#include "tests/support/source_directory.h"

namespace flosync {

std::string SourceDirectory() { return FLOSYNC_SOURCE_DIR; }

}  // namespace flosync
