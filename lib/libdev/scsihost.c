/* SPDX-License-Identifier: BSD-2-Clause */
/* What all SCSI hosts share: the forms of logical unit numbers. */
#include "dev/scsihost.h"

#include "base/bytes.h"
#include "base/err.h"

#define FORM_PERIPHERAL 0u /* SAM-5 4.7.7.2: bus, LUN below 256 */
#define FORM_FLAT       1u /* 4.7.7.3 */

#define TARGETS 128u
#define LUNS    256u

int scsi_lun_number(const uint8_t entry[8], uint32_t *lun)
{
	unsigned form = entry[0] >> 6, high = entry[0] & 0x3f;

	if (get_be16(entry + 2) || get_be32(entry + 4))
		return E_RANGE; /* more than one level */
	if (form > FORM_FLAT || (form == FORM_PERIPHERAL && high))
		return E_RANGE;
	*lun = high << 8 | entry[1];
	return 0;
}

bool scsi_pair_target(struct scsi_host *host UNUSED, uint32_t i, uint64_t *unit)
{
	*unit = scsi_pair(i, 0);
	return i < TARGETS;
}

int scsi_pair_unit(struct scsi_host *host UNUSED, uint32_t i, const uint8_t entry[8],
		   uint64_t *unit)
{
	uint32_t lun;
	int err = scsi_lun_number(entry, &lun);

	if (!err && lun >= LUNS)
		err = E_RANGE;
	if (!err)
		*unit = scsi_pair(i, lun);
	return err;
}

void scsi_host_stop(struct scsi_host *host)
{
	if (host)
		host->ops->stop(host);
}
