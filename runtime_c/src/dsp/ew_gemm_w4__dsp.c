/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_w4__dsp.c: 4-bit weights as a form of the GEMM. */
#include "ew_gemm_w4__dsp.h"

const ew_gemm_core__dsp_t ew_gemm_w4__dsp = {ew_gemm_w4_px4__dsp, 0, ew_gemm_w4_entry__dsp};
