// The door to qpdf. Until 11.4 its JSON.hh is not C++20 (issue 942 of qpdf): clang refuses a vector
// of a class that is not complete. Nobody here wants JSON of it, and to name it is enough for the
// rest.
#pragma once

#include <qpdf/DLL.h>

#if QPDF_MAJOR_VERSION == 11 && QPDF_MINOR_VERSION < 4
#define JSON_HH // what keeps that header from being read
class JSON;
#endif

#include <qpdf/BufferInputSource.hh>
#include <qpdf/InputSource.hh>
#include <qpdf/Pipeline.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
