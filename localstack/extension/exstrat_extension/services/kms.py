"""LocalStack's KMS on Python 3.11: `uuid.uuid5` takes bytes from 3.12 on, so it made no key."""

import uuid

from localstack.services.kms.models import KmsKey


def work_on_python_3_11() -> None:
    KmsKey.generate_key_material_id = _key_material_id


def _key_material_id(key: KmsKey, key_material: bytes) -> str:
    """An id of the same form: 64 hexadecimal digits, the same for the same material."""
    return uuid.uuid5(key._internal_key_id, key_material.hex()).hex * 2
