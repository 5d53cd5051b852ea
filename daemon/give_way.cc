#include "daemon/give_way.h"

#include <sys/resource.h>
#include <unistd.h>

namespace flosync {

void GiveWay(int niceness) {
  const auto self = static_cast<id_t>(gettid());
  // A thread may always become nicer; beyond the largest niceness there is only that.
  (void)setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) + niceness);
}

}  // namespace flosync
