/* SPDX-License-Identifier: Apache-2.0 */
/* What tells the boot ROM of an RP2350 that this is a program for its Cortex-M33, in the secure state; its vectors lie
 * at the start of the flash. Source: RP2350 Datasheet, section 5.9 "Metadata Block Details": the smallest loop of
 * blocks is one that points to itself. */
#include <stdint.h>

#define MARKER_START 0xFFFFDED3u
#define MARKER_END   0xAB123579u
#define IMAGE_TYPE   0x10210142u /* item 0x42 of one word; executable, secure, Arm, RP2350 */
#define LAST         0x000001FFu /* item 0xFF; one word of items came before */
#define NEXT         0u          /* offset of the next block: this one */

extern const uint32_t ew_image_definition[5];

__attribute__((section(".boot_block"), used)) const uint32_t ew_image_definition[5] = {
    MARKER_START, IMAGE_TYPE, LAST, NEXT, MARKER_END,
};
