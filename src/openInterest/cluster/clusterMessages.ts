import { z } from 'zod';
import type { Logger } from '../../kit/logger.ts';
import type { Bus } from '../../platform/redis/bus.ts';
import type { AlertsService } from '../alerts/alerts.service.ts';
import { OpenInterestAlert, Sample } from '../openInterest.types.ts';
import type { Universe } from '../universe/universe.ts';

/** What nodes tell each other of open interest, so that each shows at once what another was sent. */
export type Neighbours = {
  tellSamples(samples: readonly Sample[]): void;
  tellAlert(alert: OpenInterestAlert): void;
  /** Only that there is something to read: what it is, the database knows. */
  tellUniverse(): void;
  listen(listeners: {
    samples: (samples: readonly Sample[]) => void;
    alerts: Pick<AlertsService, 'pushRemote'>;
    universe: Pick<Universe, 'load'>;
  }): void;
};

export function createNeighbours({ bus, logger }: { bus: Bus; logger: Logger }): Neighbours {
  return {
    tellSamples: (samples) => bus.publish('samples', samples),
    tellAlert: (alert) => bus.publish('alerts', alert),
    tellUniverse: () => bus.publish('universe', null),
    listen({ samples, alerts, universe }) {
      bus.subscribe('samples', z.array(Sample), samples);
      bus.subscribe('alerts', OpenInterestAlert, alerts.pushRemote);
      bus.subscribe('universe', z.null(), () => {
        universe
          .load()
          .catch((err: unknown) =>
            logger.warn({ err }, 'the universe could not be read, will be tried again'),
          );
      });
    },
  };
}
