#!/usr/bin/env python3
"""Writes an invented 835 of about so many megabytes, and its sums as JSON. Usage: generate_835.py OUT.835 MEGABYTES TRUTH.json

All payers, patients and amounts are made up. The sums are added up here, while writing, in whole cents; nothing is read back.
"""
import json
import random
import sys

CODES = [("96372", 45_00, 14_50), ("99213", 175_00, 92_00), ("99214", 260_00, 130_00), ("J1885", 24_00, 3_00),
         ("J3420", 15_00, 2_60), ("96374", 145_00, 41_00)]
DENIALS = [("CO", "97"), ("CO", "16"), ("CO", "50"), ("PR", "204"), ("CO", "29"), ("CO", "4")]


def amount(cents):
    """Dollars as X12 writes them: no zeros behind the point."""
    sign, cents = ("-" if cents < 0 else ""), abs(cents)
    text = f"{sign}{cents // 100}.{cents % 100:02d}"
    return text.rstrip("0").rstrip(".")


def dollars(cents):
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def main(path, megabytes, truth_path):
    rng = random.Random(96372)
    truth = dict(transactions=0, claims=0, service_lines=0, sum_clp03=0, sum_clp04=0, sum_svc02=0, sum_svc03=0,
                 bpr02_total=0)
    groups = {}
    with open(path, "w", newline="") as out:
        head = ("ISA*00*          *00*          *ZZ*PAYERSYNTH     *ZZ*PROVSYNTH      *260101*0800*^*00501*000000001"
                "*0*T*:~\nGS*HP*PAYERSYNTH*PROVSYNTH*20260101*0800*1*X*005010X221A1~\n")
        size = out.write(head)
        number = 0
        while size < megabytes * 1_000_000:
            truth["transactions"] += 1
            body, paid_all = ["LX*1"], 0
            for _ in range(200):
                number += 1
                lines, charge_all, paid_claim, patient_all = [], 0, 0, 0
                for at, (code, charge, allowed) in enumerate(rng.sample(CODES, rng.choice((1, 1, 2, 2, 3, 4)))):
                    charge = int(charge * rng.uniform(0.8, 1.3))
                    allowed = min(charge, int(allowed * rng.uniform(0.9, 1.6)))
                    reasons = []
                    if rng.random() < 0.1:
                        paid, patient = 0, 0
                        reasons.append((*rng.choice(DENIALS), charge))
                    else:
                        patient = allowed // 5
                        paid = allowed - patient
                        reasons += [("CO", "45", charge - allowed), ("PR", "2", patient)]
                    lines += [f"SVC*HC:{code}*{amount(charge)}*{amount(paid)}**1", "DTM*472*20251201"]
                    lines += [f"CAS*{g}*{r}*{amount(a)}" for g, r, a in reasons if a]
                    lines += [f"REF*6R*ACCT{number:08d}L{at}", f"AMT*B6*{amount(paid + patient)}"]
                    for group, _, value in reasons:
                        groups[group] = groups.get(group, 0) + value
                    charge_all, paid_claim, patient_all = charge_all + charge, paid_claim + paid, patient_all + patient
                    truth["service_lines"] += 1
                body += [f"CLP*ACCT{number:08d}*1*{amount(charge_all)}*{amount(paid_claim)}*{amount(patient_all)}*12"
                         f"*ICN{number:014d}*11*1", f"NM1*QC*1*PATIENT*TEST****MI*MEM{number:08d}",
                         "NM1*82*1*PROVIDER*TEST****XX*1999999984", "DTM*050*20260101", *lines]
                truth["claims"] += 1
                truth["sum_clp03"] += charge_all
                truth["sum_clp04"] += paid_claim
                truth["sum_svc02"] += charge_all
                truth["sum_svc03"] += paid_claim
                paid_all += paid_claim
            truth["bpr02_total"] += paid_all
            st = f"{truth['transactions']:04d}"
            top = [f"ST*835*{st}", f"BPR*I*{amount(paid_all)}*C*ACH************20260105", f"TRN*1*EFT{st}*1990000000",
                   "N1*PR*EXAMPLE HEALTH PLAN", "REF*2U*99001", "N1*PE*SYNTH CLINIC*XX*1999999984"]
            body = top + body
            body.append(f"SE*{len(body) + 1}*{st}")
            size += out.write("".join(segment + "~\n" for segment in body))
        out.write(f"GE*{truth['transactions']}*1~\nIEA*1*000000001~\n")
    truth = {k: v if k in ("transactions", "claims", "service_lines") else dollars(v) for k, v in truth.items()}
    truth["cas_by_group"] = {group: dollars(value) for group, value in sorted(groups.items())}
    with open(truth_path, "w") as out:
        json.dump(truth, out, indent=1)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3])
