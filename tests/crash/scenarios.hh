// The ways of mails that are proved.
#pragma once

#include "tests/crash/proof.hh"

#include <vector>

namespace kwit::crash {

std::vector<Scenario> scenarios();

/// The same after a first try was killed.
std::vector<Scenario> second_tries();

} // namespace kwit::crash
