"""Why a card is offline: facts, a table of rules over them, and a careful verdict."""
