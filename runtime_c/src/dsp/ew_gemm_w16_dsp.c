#include "ew_gemm_dsp.h"

const ew_gemm_core_dsp_t ew_gemm_w16_dsp = {ew_gemm_w16_px4_dsp, 0, ew_gemm_w16_entry_dsp};
