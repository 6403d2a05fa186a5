/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_pair__dsp.c: the cores for pair weights. */
#include "ew_gemm__dsp.h"

const ew_gemm_core__dsp_t ew_gemm_pair__dsp = {ew_gemm_pair_px4__dsp, ew_gemm_pair_px1__dsp, ew_gemm_pair_entry__dsp};
