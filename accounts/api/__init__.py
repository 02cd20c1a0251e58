"""The REST API of this room. Serializers check shapes; actions check everything else."""
