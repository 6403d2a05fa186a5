#include "ew_gemm_dsp.h"

const ew_gemm_core_dsp_t ew_gemm_pair_dsp = {ew_gemm_pair_px4_dsp, ew_gemm_pair_px1_dsp, ew_gemm_pair_entry_dsp};
