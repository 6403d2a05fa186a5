/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm_w16__dsp.c: the cores for 16-bit weights. */
#include "ew_gemm__dsp.h"

const ew_gemm_core__dsp_t ew_gemm_w16__dsp = {ew_gemm_w16_px4__dsp, 0, ew_gemm_w16_entry__dsp};
